#include "http/redact.hpp"

#include <openssl/evp.h>

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
    std::string decoded(credentials.size() / 4 * 3 + 3, '\0');
    const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                     reinterpret_cast<const unsigned char*>(credentials.data()),
                                     static_cast<int>(credentials.size()));
    if (size < 0) return {};
    decoded.resize(static_cast<std::size_t>(size));
    // OpenSSL counts what the padding stands for as zeros.
    for (std::size_t end = credentials.size(); end > 0 && credentials[end - 1] == '='; --end)
        decoded.pop_back();
    const std::size_t colon = decoded.find(':');
    return colon == std::string::npos ? std::string() : decoded.substr(colon + 1);
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
