#include "results/units.hpp"

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

}  // namespace

std::span<const UnitSpelling> unit_spellings() {
    return spellings;
}

}  // namespace milo_perf::results
