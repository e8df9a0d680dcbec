#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace milo_perf {

/// RFC 4648 base64 with padding.
std::string encode_base64(std::string_view bytes);

/// The bytes of a base64 text; line breaks and spaces in it are skipped. Nothing when it is malformed.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace milo_perf
