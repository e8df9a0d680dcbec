#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Putting text from outside (names, server messages, metric labels) where it cannot do harm.
namespace milo_perf::report {

/// For HTML text and double-quoted attribute values. Control characters, bidirectional overrides and bytes
/// that are no UTF-8 become U+FFFD; line feeds and tabs stay.
std::string escape_html(std::string_view text);

/// One line for a terminal: every control character (escape sequences with it) and every line end becomes
/// '?', so that text from outside neither moves the cursor nor forges a line.
std::string printable(std::string_view text);

/// One word of a POSIX shell command line; quoted only when it must be.
std::string shell_quote(std::string_view word);

/// A `data:` address that holds the text in base64.
std::string data_uri(std::string_view media_type, std::string_view text);

/// The base64 SHA-256 of a script or style, as a Content-Security-Policy names it: `'sha256-…'`.
std::string csp_hash(std::string_view text);

}  // namespace milo_perf::report
