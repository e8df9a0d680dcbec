#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/sweep_model.hpp"
#include "run/state.hpp"
#include "sweep/plan.hpp"

namespace milo_perf::sweep {

/// What is measured next.
struct StepPlan {
    double value = 0;
    unsigned repeat = 1;
    bool halving = false;
    std::vector<std::string> projects;
};

/// One step of a sweep of load: warm-up, hold, snapshot over the hold.
boost::asio::awaitable<results::SweepStep> sweep_step(run::RunState& run, const SweepPlan& plan,
                                                      StepPlan step, std::uint32_t& next_index);

/// Before the next step: deletes the Secrets of the one before, and rests. When they cannot be deleted in any
/// Project, there is no rest, and what went wrong comes back.
boost::asio::awaitable<std::optional<std::string>> settle_after_step(
    run::RunState& run, const SweepPlan& plan, const std::vector<std::string>& projects);

/// Share of failed creates above which a server has failed.
inline constexpr double failing_error_rate = 0.1;

}  // namespace milo_perf::sweep
