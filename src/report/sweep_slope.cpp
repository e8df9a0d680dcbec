#include "report/sweep_slope.hpp"

#include <array>
#include <optional>

#include "report/format.hpp"

namespace milo_perf::report {

SlopeText slope_text(const results::SweepSlope& slope) {
    const std::array<std::optional<double>, 3> values{slope.per_project, slope.low, slope.high};
    const auto texts = in_common_unit(values, slope.figure.ends_with("cores") ? "cores" : "bytes");
    const auto text = [&texts](std::size_t i) { return with_short_unit(with_sign(texts[i])); };
    return {.per_project = text(0),
            .low = text(1),
            .high = text(2),
            .told_apart_from_zero = slope.low && slope.high && (*slope.low > 0 || *slope.high < 0)};
}

}  // namespace milo_perf::report
