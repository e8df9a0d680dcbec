#pragma once

#include <string>
#include <string_view>

namespace milo_perf::http {

/// `text` without any trace of an Authorization value, should a server have repeated it: the token, or Basic
/// credentials and their password. To be used before a text is shortened, which could cut a token in two.
std::string without_credentials(std::string text, std::string_view authorization);

/// The same for the values of header fields, each ended by CRLF; short ones, such as a tenant's number, are
/// no secrets and stay.
std::string without_header_values(std::string text, std::string_view header_fields);

}  // namespace milo_perf::http
