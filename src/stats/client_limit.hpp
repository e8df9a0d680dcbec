#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace milo_perf::stats {

/// What kept the client from being on time: `saturated` is its own doing (a core used up, or a loop held by
/// its own work), `starved` the system's (others used the CPU, or a CPU limit held it back).
enum class ClientLimit { none, saturated, starved };

/// "none", "saturated", "starved".
std::string_view to_string(ClientLimit limit);

/// What one interval of about a second was like for the client's one thread.
struct ClientInterval {
    Duration wall{};
    Duration cpu{};
    /// Time it could have run but had no CPU; empty where the kernel does not tell.
    std::optional<Duration> run_delay{};
    /// How late its timers fired, 99th percentile.
    Duration lag_p99{};
};

/// From this CPU share on, a queue's mean wait is ten times its service time: latencies are the client's as
/// much as the server's.
inline constexpr double saturation_limit = 0.9;
/// From this lag on a send counts as late, and every latency carries that error.
inline constexpr Duration lag_limit = std::chrono::milliseconds(10);

/// Saturated at 90 % of a core or more. Otherwise, with a lag above 10 ms: starved when the thread waited for
/// a CPU at least as long as it was late, which explains the lag; saturated when it did not, since then its
/// own work held the loop. Without a run delay a CPU share below one half speaks for starved: such a thread
/// had time enough.
ClientLimit client_limit(const ClientInterval& interval);

}  // namespace milo_perf::stats
