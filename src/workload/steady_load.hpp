#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "workload/context.hpp"

namespace milo_perf::workload {

/// A load that is held for a time: creates of Secrets in Projects that are there.
struct SteadyLoad {
    /// Closed loop: Projects at a time, and requests in flight in each.
    std::uint32_t project_concurrency = 1;
    std::uint32_t object_concurrency = 1;
    /// Open loop when above 0: creates per second.
    double qps = 0;
    TimePoint start;
    Duration warmup{};
    Duration hold{};
    /// What is still unanswered this long after the hold is given up.
    Duration drain = std::chrono::seconds(10);
    /// Name of the recorder's series for the creates of the hold; those of the warm-up go to "warmup".
    std::string phase;

    TimePoint hold_start() const { return start + warmup; }
    TimePoint hold_end() const { return start + warmup + hold; }
};

/// What came of the hold.
struct SteadyCount {
    /// Creates that were due in it: begun there (closed loop), or planned for it (open loop).
    std::uint64_t due = 0;
    std::uint64_t ok = 0;
    std::uint64_t failed = 0;
    /// Successful creates that ended within it, whenever they began.
    std::uint64_t completed_in_hold = 0;

    /// Never sent, or unanswered when they were given up.
    std::uint64_t unfinished() const { return due - ok - failed; }
};

/// Holds the load, and waits for its last answers. Objects are numbered from `next_index` on, which is moved,
/// so that no two loads of a run create the same one. Closed loop: a lane fills one Project with
/// NUM_SECRETS_PER_PROJECT Secrets, then moves on to the next, round and round, and no lane ever waits.
boost::asio::awaitable<SteadyCount> steady_load(const Context& context, std::vector<std::string> projects,
                                                SteadyLoad load, std::uint32_t& next_index);

}  // namespace milo_perf::workload
