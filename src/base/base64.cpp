#include "base/base64.hpp"

#include <openssl/evp.h>

#include <algorithm>

namespace milo_perf {
namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

bool is_blank(char c) {
    return c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
    // EVP_EncodeBlock writes a NUL behind the text; std::string has room for it.
    std::string text((bytes.size() + 2) / 3 * 4, '\0');
    EVP_EncodeBlock(bytes_of(text), bytes_of(bytes), static_cast<int>(bytes.size()));
    return text;
}

std::optional<std::string> decode_base64(std::string_view text) {
    std::string packed;
    packed.reserve(text.size());
    std::copy_if(text.begin(), text.end(), std::back_inserter(packed), [](char c) { return !is_blank(c); });
    if (packed.size() % 4 != 0) return std::nullopt;
    const std::size_t padding = packed.size() - std::min(packed.find_last_not_of('=') + 1, packed.size());
    // EVP_DecodeBlock takes '=' anywhere in the last block and counts it as zero bits.
    if (padding > 2 || packed.find('=') < packed.size() - padding) return std::nullopt;
    std::string bytes(packed.size() / 4 * 3, '\0');
    const int size = EVP_DecodeBlock(bytes_of(bytes), bytes_of(packed), static_cast<int>(packed.size()));
    if (size < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(size) - padding);
    return bytes;
}

}  // namespace milo_perf
