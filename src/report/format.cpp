#include "report/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace milo_perf::report {
namespace {

std::string separated(std::string digits) {
    const std::size_t end = std::min(digits.find('.'), digits.size());
    const std::size_t begin = digits.starts_with('-') ? 1 : 0;
    for (std::size_t at = end; at > begin + 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

struct Unit {
    double size;
    std::string_view name;
};

/// In the largest unit of which there is one (rounded to what is shown), or else the smallest.
template <std::size_t size>
Quantity in_units(double value, const std::array<Unit, size>& largest_first) {
    for (const Unit& unit : largest_first) {
        if (std::abs(value) >= unit.size * 0.9995) {
            return {number(value / unit.size), std::string(unit.name)};
        }
    }
    const Unit& least = largest_first.back();
    return {number(value / least.size), std::string(least.name)};
}

Quantity missing() {
    return {not_available, {}};
}

bool usable(const std::optional<double>& value) {
    return value && std::isfinite(*value);
}

}  // namespace

std::string count(std::uint64_t value) {
    return separated(std::to_string(value));
}

std::string counted(std::uint64_t value, std::string_view singular) {
    const bool one = value == 1;
    if (!one && singular.ends_with('y')) {
        singular.remove_suffix(1);
        return fmt::format("{} {}ies", count(value), singular);
    }
    return fmt::format("{} {}{}", count(value), singular, one ? "" : "s");
}

std::string number(std::optional<double> value) {
    if (!usable(value)) return not_available;
    const double size = std::abs(*value);
    if (size == 0) return "0";
    if (size < 1e-6) return fmt::format("{:.2e}", *value);
    // How many decimals leave three significant digits: by the exponent after rounding to them.
    const std::string scientific = fmt::format("{:.2e}", size);
    const int exponent = std::stoi(scientific.substr(scientific.find('e') + 1));
    const int decimals = std::max(0, 2 - exponent);
    std::string digits = fmt::format("{:.{}f}", *value, decimals);
    return separated(digits);
}

Quantity duration(std::optional<double> seconds) {
    if (!usable(seconds)) return missing();
    if (*seconds == 0) return {"0", "s"};
    const double size = std::abs(*seconds);
    if (size >= 7200) return {number(*seconds / 3600), "h"};
    if (size >= 600) return {number(*seconds / 60), "min"};
    return in_units(*seconds, std::array<Unit, 3>{{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}}});
}

Quantity bytes(std::optional<double> value) {
    if (!usable(value)) return missing();
    if (*value == 0) return {"0", "MB"};
    return in_units(*value, std::array<Unit, 4>{{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "bytes"}}});
}

Quantity cores(std::optional<double> value) {
    if (!usable(value)) return missing();
    if (*value == 0) return {"0", "cores"};
    if (std::abs(*value) < 0.1) return {number(*value * 1e3), "millicores"};
    return {number(*value), "cores"};
}

std::string percent(std::optional<double> share) {
    if (!usable(share)) return not_available;
    return fmt::format("{:.{}f} %", *share * 100, std::abs(*share) < 0.0995 ? 2 : 1);
}

Quantity with_sign(Quantity quantity) {
    if (quantity.number == not_available) return quantity;
    if (quantity.number == "0") {
        quantity.number = "±0";
    } else if (quantity.number.starts_with('-')) {
        quantity.number.replace(0, 1, "−");
    } else {
        quantity.number.insert(0, "+");
    }
    return quantity;
}

}  // namespace milo_perf::report
