#include "base/time_text.hpp"

#include <fmt/chrono.h>

namespace milo_perf {

std::string iso8601(WallTime at) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(at - seconds).count();
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}+00:00", fmt::gmtime(WallClock::to_time_t(seconds)),
                       micros);
}

}  // namespace milo_perf
