#include "report/text.hpp"

#include <fmt/format.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/base64.hpp"

namespace milo_perf::report {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

struct Decoded {
    std::uint32_t code_point = 0;
    /// Bytes it takes; 0 when they are no UTF-8.
    std::size_t length = 0;
};

Decoded decode_utf8(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 0;
    if (length == 0 || lead > 0xF4 || text.size() < length) return {};
    std::uint32_t code_point = lead & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xC0U) != 0x80U) return {};
        code_point = (code_point << 6U) | (byte(i) & 0x3FU);
    }
    constexpr std::array<std::uint32_t, 5> least = {0, 0, 0x80, 0x800, 0x10000};
    const bool surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (code_point < least[length] || code_point > 0x10FFFF || surrogate) return {};
    return {code_point, length};
}

/// What could reorder or hide the text around it.
bool deceiving(std::uint32_t c) {
    return c == 0x061C || c == 0x200E || c == 0x200F || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069);
}

bool control(std::uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

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
        const Decoded decoded = decode_utf8(text);
        const bool kept_control = decoded.code_point == '\n' || decoded.code_point == '\t';
        if (decoded.length == 0 || (control(decoded.code_point) && !kept_control) ||
            deceiving(decoded.code_point)) {
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
        const Decoded decoded = decode_utf8(text);
        if (decoded.length == 0 || control(decoded.code_point) || deceiving(decoded.code_point)) {
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
