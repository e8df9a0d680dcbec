#include "report/text.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstddef>

#include "base/base64.hpp"
#include "base/utf8.hpp"

namespace milo_perf::report {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::string_view entity(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

}  // namespace

std::string escape_html(std::string_view text) {
    std::string result;
    result.reserve(text.size() + text.size() / 8);
    while (!text.empty()) {
        const Utf8Character decoded = decode_utf8(text);
        const bool kept_control = decoded.code_point == '\n' || decoded.code_point == '\t';
        if (decoded.length == 0 || (is_control(decoded.code_point) && !kept_control) ||
            is_deceiving(decoded.code_point)) {
            result += replacement;
        } else if (const auto named = entity(text.front()); !named.empty()) {
            result += named;
        } else {
            result += text.substr(0, decoded.length);
        }
        text.remove_prefix(std::max<std::size_t>(decoded.length, 1));
    }
    return result;
}

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Utf8Character decoded = decode_utf8(text);
        if (decoded.length == 0 || is_control(decoded.code_point) || is_deceiving(decoded.code_point)) {
            result += '?';
        } else {
            result += text.substr(0, decoded.length);
        }
        text.remove_prefix(std::max<std::size_t>(decoded.length, 1));
    }
    return result;
}

std::string shell_quote(std::string_view word) {
    constexpr std::string_view plain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_@%+=:,./-";
    if (!word.empty() && word.find_first_not_of(plain) == std::string_view::npos) return std::string(word);
    std::string result = "'";
    for (const char c : word) {
        if (c == '\'') {
            result += "'\\''";
        } else {
            result += c;
        }
    }
    return result + "'";
}

std::string data_uri(std::string_view media_type, std::string_view text) {
    return fmt::format("data:{};base64,{}", media_type, encode_base64(text));
}

std::string csp_hash(std::string_view text) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    return fmt::format("'sha256-{}'",
                       encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()}));
}

}  // namespace milo_perf::report
