#include "metrics/availability.hpp"

#include <fmt/format.h>

namespace milo_perf::metrics {

std::optional<std::string> Availability::answered(double now_seconds) {
    if (!away_) return std::nullopt;
    away_ = false;
    return fmt::format("VictoriaMetrics answers again after {:.0f} s", now_seconds - away_since_);
}

std::optional<std::string> Availability::silent(double now_seconds, std::string_view reason) {
    if (away_) return std::nullopt;
    away_ = true;
    away_since_ = now_seconds;
    return fmt::format("VictoriaMetrics does not answer: {}", reason);
}

}  // namespace milo_perf::metrics
