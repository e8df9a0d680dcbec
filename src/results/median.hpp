#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace milo_perf::results {

/// The middle value, or the mean of the two middle ones; empty without values.
inline std::optional<double> median(std::vector<double> values) {
    if (values.empty()) return std::nullopt;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    if (values.size() % 2 == 1) return values[middle];
    return values[middle - 1] / 2 + values[middle] / 2;
}

}  // namespace milo_perf::results
