#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Figures as people read them, the same in report, terminal, comparisons and thresholds. What is missing is
/// "n/a", never 0.
namespace milo_perf::results {

inline constexpr const char* not_available = "n/a";

/// A server's version as it says it; a build that was not given one says a placeholder of its sources, shown
/// as "not told".
std::string server_version(const std::optional<std::string>& version);

/// A figure and its unit apart, for cards that set them in different sizes.
struct FigureText {
    std::string number;
    std::string unit;

    std::string text() const { return unit.empty() ? number : number + " " + unit; }
    bool operator==(const FigureText&) const = default;
};

/// How many columns of a terminal a text takes: its code points, for text without wide characters.
std::size_t display_columns(std::string_view text);

/// With thousands separated: 12,345.
std::string count(std::uint64_t value);

/// "1 warning", "2 warnings".
std::string counted(std::uint64_t value, std::string_view singular);

/// About three significant digits, thousands separated: 0.00421, 12.3, 1,235.
std::string number(std::optional<double> value);

/// The shortest unit that reads well: µs, ms, s, min, h.
FigureText duration(std::optional<double> seconds);

/// Memory in MB (10^6 bytes) as the runner before had it; `kB` and `GB` where those read better.
FigureText bytes(std::optional<double> value);

/// CPU in cores; below 0.1 in millicores, below 0.1 of those in microcores.
FigureText cores(std::optional<double> value);

/// A share as per cent: 0.1234 -> 12.3 %, 0.0000123 -> 0.00123 %.
std::string percent(std::optional<double> share);

/// A change, with its sign: +1.2, −0.3, ±0.
FigureText with_sign(FigureText figure);

/// A figure in its unit as the results name it: `cores`, `bytes`, `seconds`, `per_second`, `share`, `count`.
FigureText quantity(std::optional<double> value, std::string_view unit);

/// Figures in `cores` or `bytes` that are read against each other: all in the unit that suits the greatest.
std::vector<FigureText> in_common_unit(std::span<const std::optional<double>> values, std::string_view unit);

/// The same as quantity() with short units, for columns and lines of text: "12.3 ms", "1.50 MB", "12.3
/// mcores", "1,502 /s".
std::string show(std::optional<double> value, std::string_view unit);
/// Of a figure that has its words already.
std::string with_short_unit(FigureText figure);

}  // namespace milo_perf::results
