#include "results/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string_view>

namespace milo_perf::results {
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

/// The largest unit of which there is one (rounded to what is shown), or else the smallest.
template <std::size_t size>
Unit unit_for(double value, const std::array<Unit, size>& largest_first) {
    for (const Unit& unit : largest_first) {
        if (std::abs(value) >= unit.size * 0.9995) return unit;
    }
    return largest_first.back();
}

Unit bytes_unit(double value) {
    if (value == 0) return {1e6, "MB"};
    return unit_for(value, std::array<Unit, 4>{{{1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "bytes"}}});
}

Unit cores_unit(double value) {
    const double size = std::abs(value);
    if (size == 0 || size >= 0.1) return {1, "cores"};
    return size >= 1e-4 ? Unit{1e-3, "millicores"} : Unit{1e-6, "microcores"};
}

FigureText in(Unit unit, double value) {
    return {number(value / unit.size), std::string(unit.name)};
}

FigureText missing() {
    return {not_available, {}};
}

bool whole(double value) {
    return std::trunc(value) == value;
}

bool usable(const std::optional<double>& value) {
    return value && std::isfinite(*value);
}

}  // namespace

std::string server_version(const std::optional<std::string>& version) {
    if (!version) return not_available;
    // What git puts in there when it makes an archive, and a linker flag otherwise.
    return version->find("$Format:") == std::string::npos ? *version : "not told";
}

std::size_t display_columns(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

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

FigureText duration(std::optional<double> seconds) {
    if (!usable(seconds)) return missing();
    if (*seconds == 0) return {"0", "s"};
    const double size = std::abs(*seconds);
    if (size >= 7200) return {number(*seconds / 3600), "h"};
    if (size >= 600) return {number(*seconds / 60), "min"};
    return in(unit_for(*seconds, std::array<Unit, 3>{{{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}}}), *seconds);
}

FigureText bytes(std::optional<double> value) {
    return usable(value) ? in(bytes_unit(*value), *value) : missing();
}

FigureText cores(std::optional<double> value) {
    // The metrics have whole milliseconds of CPU; what lies nine orders below is what subtracting left over.
    if (usable(value) && std::abs(*value) < 1e-12) value = 0;
    return usable(value) ? in(cores_unit(*value), *value) : missing();
}

std::string percent(std::optional<double> share) {
    if (!usable(share)) return not_available;
    const double size = std::abs(*share);
    if (size == 0) return "0 %";
    // One failure in a million must not look like none.
    if (size < 0.000995) return number(*share * 100) + " %";
    return fmt::format("{:.{}f} %", *share * 100, size < 0.0995 ? 2 : 1);
}

FigureText with_sign(FigureText figure) {
    if (figure.number == not_available) return figure;
    if (figure.number == "0") {
        figure.number = "±0";
    } else if (figure.number.starts_with('-')) {
        figure.number.replace(0, 1, "−");
    } else {
        figure.number.insert(0, "+");
    }
    return figure;
}

FigureText quantity(std::optional<double> value, std::string_view unit) {
    if (unit == "seconds") return duration(value);
    if (unit == "bytes") return bytes(value);
    if (unit == "cores") return cores(value);
    if (!usable(value)) return missing();
    if (unit == "share") return {percent(value), {}};
    if (unit == "count")
        return {whole(*value) ? separated(fmt::format("{:.0f}", *value)) : number(value), {}};
    return {number(value), unit == "per_second" ? "per second" : std::string(unit)};
}

std::vector<FigureText> in_common_unit(std::span<const std::optional<double>> values, std::string_view unit) {
    double greatest = 0;
    for (const auto& value : values) {
        if (usable(value)) greatest = std::max(greatest, std::abs(*value));
    }
    const Unit common = unit == "cores" ? cores_unit(greatest) : bytes_unit(greatest);
    std::vector<FigureText> result;
    for (const auto& value : values) result.push_back(usable(value) ? in(common, *value) : missing());
    return result;
}

std::string with_short_unit(FigureText figure) {
    if (figure.unit == "millicores") figure.unit = "mcores";
    if (figure.unit == "microcores") figure.unit = "µcores";
    if (figure.unit == "per second") figure.unit = "/s";
    return figure.text();
}

std::string show(std::optional<double> value, std::string_view unit) {
    return with_short_unit(quantity(value, unit));
}

}  // namespace milo_perf::results
