#include "results/units.hpp"

#include <fmt/format.h>

#include <cmath>

#include "results/figures.hpp"

namespace milo_perf::results {

namespace {

constexpr double kib = 1024;
constexpr double mib = kib * 1024;
constexpr double gib = mib * 1024;

constexpr UnitSpelling spellings[] = {
    {"us", "seconds", 1e-6}, {"µs", "seconds", 1e-6}, {"ms", "seconds", 1e-3},
    {"s", "seconds", 1},     {"m", "seconds", 60},    {"h", "seconds", 3600},
    {"%", "share", 0.01},    {"B", "bytes", 1},       {"kB", "bytes", 1e3},
    {"KB", "bytes", 1e3},    {"MB", "bytes", 1e6},    {"GB", "bytes", 1e9},
    {"KiB", "bytes", kib},   {"MiB", "bytes", mib},   {"GiB", "bytes", gib},
    {"cores", "cores", 1},   {"core", "cores", 1},    {"mcores", "cores", 1e-3},
    {"m", "cores", 1e-3},    {"/s", "per_second", 1}, {"/min", "per_second", 1.0 / 60}};

/// The largest step that leaves at least 1 in front of the point.
struct Step {
    double factor;
    std::string_view name;
};

constexpr Step second_steps[] = {{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}};
constexpr Step byte_steps[] = {{gib, "GiB"}, {mib, "MiB"}, {kib, "KiB"}, {1, "B"}};
constexpr Step core_steps[] = {{1, "cores"}, {1e-3, "mcores"}, {1e-6, "µcores"}};

std::string digits(double value) {
    const double size = std::abs(value);
    if (size >= 1000) return fmt::format("{:.0f}", value);
    // Three digits; %g's trailing zeros stay away.
    return fmt::format("{:.3g}", value);
}

std::string stepped(double value, std::span<const Step> steps) {
    for (const Step& step : steps) {
        if (std::abs(value) >= step.factor) return digits(value / step.factor) + " " + std::string(step.name);
    }
    if (value == 0) return fmt::format("0 {}", steps.front().factor == 1 ? steps.front().name : "B");
    return digits(value / steps.back().factor) + " " + std::string(steps.back().name);
}

}  // namespace

std::span<const UnitSpelling> unit_spellings() {
    return spellings;
}

std::string show(std::optional<double> value, std::string_view unit) {
    if (!value) return "n/a";
    if (unit == "seconds") return stepped(*value, second_steps);
    if (unit == "bytes") return stepped(*value, byte_steps);
    if (unit == "cores") return stepped(*value, core_steps);
    if (unit == "share") return digits(*value * 100) + " %";
    if (unit == "per_second") return digits(*value) + " /s";
    return digits(*value);
}

}  // namespace milo_perf::results
