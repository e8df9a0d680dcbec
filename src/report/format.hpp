#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Figures as people read them. What is missing is "n/a", never 0.
namespace milo_perf::report {

inline constexpr const char* not_available = "n/a";

/// A figure and its unit apart, for cards that set them in different sizes.
struct Quantity {
    std::string number;
    std::string unit;

    std::string text() const { return unit.empty() ? number : number + " " + unit; }
    bool operator==(const Quantity&) const = default;
};

/// With thousands separated: 12,345.
std::string count(std::uint64_t value);

/// "1 warning", "2 warnings".
std::string counted(std::uint64_t value, std::string_view singular);

/// About three significant digits, thousands separated: 0.00421, 12.3, 1,235.
std::string number(std::optional<double> value);

/// The shortest unit that reads well: µs, ms, s, min, h.
Quantity duration(std::optional<double> seconds);

/// Memory in MB (10^6 bytes) as the runner before had it; `kB` and `GB` where those read better.
Quantity bytes(std::optional<double> value);

/// CPU in cores; below 0.1 in millicores.
Quantity cores(std::optional<double> value);

/// A share as per cent: 0.1234 -> 12.3 %.
std::string percent(std::optional<double> share);

/// A change, with its sign: +1.2, −0.3, ±0.
Quantity with_sign(Quantity quantity);

}  // namespace milo_perf::report
