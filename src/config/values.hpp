#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Texts of knobs to values. Empty means that the text is not of the kind.
namespace milo_perf::config {

std::optional<std::uint64_t> parse_whole_number(std::string_view text);

/// A decimal number, finite.
std::optional<double> parse_number(std::string_view text);

/// true, false, 1, 0, yes, no, on, off, in any case.
std::optional<bool> parse_boolean(std::string_view text);

/// A Prometheus duration ("2m", "1h30m", "500ms") in seconds; units y, w, d, h, m, s, ms, largest first.
std::optional<double> parse_duration_seconds(std::string_view text);

/// Header fields "Name: value", separated by ^^ as VictoriaMetrics' own flags have them; gives them each
/// ended by CRLF. Fields that every request has anyway (Host, Content-Length, …) are refused.
std::optional<std::string> parse_headers(std::string_view text);

/// A number without superfluous digits, as it would be typed.
std::string format_number(double value);

}  // namespace milo_perf::config
