#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace milo_perf {

/// The first character of a text.
struct Utf8Character {
    std::uint32_t code_point = 0;
    /// Bytes it takes; 0 when they are no UTF-8.
    std::size_t length = 0;
};

/// Reads the first character of a text that is not empty.
Utf8Character decode_utf8(std::string_view text);

/// A control character of Unicode, a line or paragraph separator.
bool is_control(std::uint32_t code_point);

/// What reorders or hides the text around it (bidirectional marks and overrides).
bool is_deceiving(std::uint32_t code_point);

}  // namespace milo_perf
