#pragma once

#include <span>
#include <string_view>

namespace milo_perf::results {

/// One way to write a figure's unit.
struct UnitSpelling {
    std::string_view text;
    /// The figure's unit, e.g. `seconds`.
    std::string_view unit;
    /// How much of that unit it is.
    double factor = 1;
};

/// All that are understood; a text can stand for several units ("m": minutes and millicores).
std::span<const UnitSpelling> unit_spellings();

}  // namespace milo_perf::results
