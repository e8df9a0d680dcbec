#pragma once

#include <cstdint>
#include <string_view>

#include "base/clock.hpp"

namespace milo_perf::stats {

/// The `Attempt::error` of what the client itself gave up, since it is ending. No failure of anybody.
inline constexpr std::string_view cancelled = "cancelled";

/// One attempt of a request, as the HTTP client saw it. Points in time that were not reached are epoch
/// (zero).
struct Attempt {
    /// When it was due: the arrival schedule's time in open loop, the caller's wish in closed loop, the end
    /// of the back-off for a retry.
    TimePoint planned;
    /// The client asked for a connection.
    TimePoint started;
    /// A connection was at hand (for a new one: connected, TLS done).
    TimePoint connected;
    TimePoint first_byte;
    /// End of the answer, or of the failure.
    TimePoint finished;
    /// Time of name look-up, TCP connect, tunnel through a proxy and TLS handshake; zero on a reused
    /// connection.
    Duration connect{};
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    /// HTTP status; 0 when no answer came.
    int status = 0;
    bool reused = false;
    /// Category of the failure ("reset", "timeout", "http_500", …), empty when it succeeded. Static storage.
    std::string_view error;
};

}  // namespace milo_perf::stats
