#include "http/redact.hpp"

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

}  // namespace

std::string without_credentials(std::string text, std::string_view authorization) {
    const std::size_t space = authorization.find(' ');
    if (space == std::string_view::npos) return text;
    const std::string_view credentials = authorization.substr(space + 1);
    blank_out(text, credentials);
    if (authorization.substr(0, space) == "Basic") blank_out(text, password_of(credentials));
    return text;
}

}  // namespace milo_perf::http
