#include "kube/name.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace milo_perf::kube {
namespace {

constexpr std::size_t max_label = 63;
constexpr std::size_t max_subdomain = 253;

bool is_alphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

std::optional<std::string> length_problem(std::string_view name, std::size_t limit) {
    if (name.empty()) return "it is empty";
    if (name.size() > limit)
        return fmt::format("it has {} characters and {} are allowed", name.size(), limit);
    return std::nullopt;
}

std::optional<std::string> character_problem(std::string_view name, bool dots) {
    for (const char c : name) {
        if (is_alphanumeric(c) || c == '-' || (dots && c == '.')) continue;
        const bool printable = c > ' ' && c < 127;
        return fmt::format("{} is not allowed, only lower-case letters, digits{} '-'",
                           printable ? fmt::format("'{}'", c) : std::string("a space or other character"),
                           dots ? ", '.' and" : " and");
    }
    return std::nullopt;
}

std::optional<std::string> edge_problem(std::string_view label, std::string_view what) {
    if (label.empty()) return fmt::format("{} is empty", what);
    if (!is_alphanumeric(label.front()) || !is_alphanumeric(label.back()))
        return fmt::format("{} must begin and end with a lower-case letter or digit", what);
    return std::nullopt;
}

}  // namespace

std::optional<std::string> label_problem(std::string_view name) {
    if (auto problem = length_problem(name, max_label)) return problem;
    if (auto problem = character_problem(name, false)) return problem;
    return edge_problem(name, "it");
}

std::optional<std::string> subdomain_problem(std::string_view name) {
    if (auto problem = length_problem(name, max_subdomain)) return problem;
    if (auto problem = character_problem(name, true)) return problem;
    for (std::size_t begin = 0; begin <= name.size();) {
        const std::size_t end = std::min(name.find('.', begin), name.size());
        const bool whole = begin == 0 && end == name.size();
        if (auto problem =
                edge_problem(name.substr(begin, end - begin), whole ? "it" : "a part between dots"))
            return problem;
        begin = end + 1;
    }
    return std::nullopt;
}

}  // namespace milo_perf::kube
