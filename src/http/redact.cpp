#include "http/redact.hpp"

#include <algorithm>
#include <optional>

#include "base/base64.hpp"

namespace milo_perf::http {
namespace {

constexpr std::string_view blank = "[redacted]";

void blank_out(std::string& text, std::string_view secret) {
    if (secret.empty()) return;
    // What was put in is not searched again: a secret may be a part of it.
    for (std::size_t at = text.find(secret); at != std::string::npos;
         at = text.find(secret, at + blank.size())) {
        text.replace(at, secret.size(), blank);
    }
}

/// The password in Basic credentials (RFC 7617); empty when there is none.
std::string password_of(std::string_view credentials) {
    const std::optional<std::string> decoded = decode_base64(credentials);
    if (!decoded) return {};
    const std::size_t colon = decoded->find(':');
    return colon == std::string::npos ? std::string() : decoded->substr(colon + 1);
}

bool is_authorization(std::string_view field_name) {
    constexpr std::string_view name = "authorization";
    return std::equal(field_name.begin(), field_name.end(), name.begin(), name.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

}  // namespace

std::string without_credentials(std::string text, std::string_view authorization) {
    const std::size_t space = authorization.find(' ');
    if (space == std::string_view::npos) return text;
    const std::string_view credentials = authorization.substr(space + 1);
    blank_out(text, credentials);
    if (authorization.substr(0, space) == "Basic") blank_out(text, password_of(credentials));
    return text;
}

std::string without_header_values(std::string text, std::string_view header_fields) {
    constexpr std::size_t shortest_secret = 8;
    while (!header_fields.empty()) {
        const std::string_view line = header_fields.substr(0, header_fields.find("\r\n"));
        header_fields.remove_prefix(std::min(header_fields.size(), line.size() + 2));
        const std::size_t colon = line.find(": ");
        if (colon == std::string_view::npos) continue;
        const std::string_view value = line.substr(colon + 2);
        if (value.size() >= shortest_secret) blank_out(text, value);
        // Whatever its length, and without the scheme's name.
        if (is_authorization(line.substr(0, colon))) text = without_credentials(std::move(text), value);
    }
    return text;
}

}  // namespace milo_perf::http
