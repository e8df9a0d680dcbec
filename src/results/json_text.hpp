#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Single JSON values as text.
namespace milo_perf::results {

/// Appends a text with quotes and escapes. Bytes that are no UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

/// Appends the shortest text that reads back as the same number, always with a point or an exponent, so that
/// readers which tell integers and floats apart get a float; null for one that is not finite.
void append_json_number(std::string& out, double number);

/// Bytes of the UTF-8 sequence that `text` begins with; 0 when it begins with none.
std::size_t utf8_length(std::string_view text);

}  // namespace milo_perf::results
