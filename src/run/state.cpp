#include "run/state.hpp"

#include "base/log.hpp"
#include "base/process_usage.hpp"
#include "base/time_text.hpp"
#include "base/wait.hpp"

namespace milo_perf::run {

namespace {
constexpr Duration sample_period = std::chrono::seconds(1);
// A hundred probes to a sample under load, so that its p99 leaves one hiccup out. At rest nothing can be
// late, and a hundred wake-ups a second would be most of what the client uses then.
constexpr Duration probe_period_under_load = std::chrono::milliseconds(10);
constexpr Duration probe_period_at_rest = std::chrono::milliseconds(100);
}  // namespace

RunState::RunState(session::Session& of) : session(of), projects(of.identity, of.settings.num_projects) {}

std::vector<std::string> RunState::ready_projects() const {
    std::vector<std::string> names;
    for (const std::size_t index : projects.ready_indices()) names.push_back(projects.projects()[index].name);
    return names;
}

PhaseScope::PhaseScope(RunState& run, results::PhaseName name)
    : PhaseScope(run, std::string(name_of(name).json)) {}

PhaseScope::PhaseScope(RunState& run, std::string name) : run_(run), started_(Clock::now()) {
    log::info("phase {}", name);
    index_ = run_.phases.size();
    run_.progress = {.phase = name, .started = started_};
    run_.phases.push_back({std::move(name), iso8601(WallClock::now()),
                           to_seconds(started_ - run_.session.origin), std::nullopt});
}

PhaseScope::~PhaseScope() {
    run_.phases[index_].duration_seconds = to_seconds(Clock::now() - started_);
    run_.progress = {};
}

boost::asio::awaitable<void> monitor_client(stats::ClientMonitor& monitor, const stats::Recorder& recorder) {
    for (;;) {
        const TimePoint sample_due = Clock::now() + sample_period;
        while (Clock::now() < sample_due) {
            const bool under_load = recorder.in_flight() > 0;
            const TimePoint due =
                Clock::now() + (under_load ? probe_period_under_load : probe_period_at_rest);
            co_await sleep_until(due);
            monitor.probe(Clock::now() - due, recorder.in_flight() > 0);
        }
        end_interval(monitor);
    }
}

void end_interval(stats::ClientMonitor& monitor) {
    const stats::CpuReading reading{process_cpu_time(), run_delay()};
    monitor.sample(Clock::now(), reading);
}

}  // namespace milo_perf::run
