#include "config/values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

namespace milo_perf::config {
namespace {

std::string_view without_blanks(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// A header field's name (RFC 9110, 5.6.2) that is not set by the HTTP client itself.
bool is_own_field_name(std::string_view name) {
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    const bool token = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
        return std::isalnum(c) != 0 || marks.find(static_cast<char>(c)) != std::string_view::npos;
    });
    std::string lower(name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    constexpr std::array<std::string_view, 15> taken{
        "host",       "user-agent",          "accept",           "accept-encoding",
        "connection", "content-type",        "content-length",   "expect",
        "keep-alive", "proxy-authorization", "proxy-connection", "te",
        "trailer",    "transfer-encoding",   "upgrade"};
    return token && std::find(taken.begin(), taken.end(), lower) == taken.end();
}

bool is_field_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; });
}

}  // namespace

std::optional<std::uint64_t> parse_whole_number(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> parse_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<bool> parse_boolean(std::string_view text) {
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (const std::string_view yes : {"true", "1", "yes", "on"}) {
        if (lower == yes) return true;
    }
    for (const std::string_view no : {"false", "0", "no", "off"}) {
        if (lower == no) return false;
    }
    return std::nullopt;
}

std::optional<double> parse_duration_seconds(std::string_view text) {
    struct Unit {
        std::string_view name;
        double seconds;
    };
    constexpr std::array<Unit, 7> units{{{"y", 31536000.0},
                                         {"w", 604800.0},
                                         {"d", 86400.0},
                                         {"h", 3600.0},
                                         {"m", 60.0},
                                         {"s", 1.0},
                                         {"ms", 0.001}}};
    if (text.empty()) return std::nullopt;
    double sum = 0;
    std::size_t next_unit = 0;
    while (!text.empty()) {
        std::uint32_t count = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
        if (error != std::errc{}) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(end - text.data()));
        const std::size_t letters = std::min(text.find_first_of("0123456789"), text.size());
        const std::string_view name = text.substr(0, letters);
        while (next_unit < units.size() && units[next_unit].name != name) ++next_unit;
        if (next_unit == units.size()) return std::nullopt;
        sum += count * units[next_unit++].seconds;
        text.remove_prefix(letters);
    }
    return sum;
}

std::optional<std::string> parse_headers(std::string_view text) {
    constexpr std::string_view separator = "^^";
    std::string fields;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(separator), text.size());
        const std::string_view field = text.substr(0, end);
        text.remove_prefix(std::min(text.size(), end + separator.size()));
        const std::size_t colon = field.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        const std::string_view name = without_blanks(field.substr(0, colon));
        const std::string_view value = without_blanks(field.substr(colon + 1));
        if (!is_own_field_name(name) || value.empty() || !is_field_value(value)) return std::nullopt;
        fields.append(name).append(": ").append(value).append("\r\n");
    }
    return fields;
}

std::string format_number(double value) {
    return fmt::format("{}", value);
}

}  // namespace milo_perf::config
