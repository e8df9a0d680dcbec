#include "fake_milo/selector.hpp"

#include <algorithm>

namespace milo_perf::fake_milo {
namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

/// Parts between commas that stand outside of parentheses.
std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> parts;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= text.size(); ++i) {
        if (i < text.size() && text[i] == '(') ++depth;
        if (i < text.size() && text[i] == ')') --depth;
        if (i == text.size() || (text[i] == ',' && depth == 0)) {
            parts.push_back(trim(text.substr(begin, i - begin)));
            begin = i + 1;
        }
    }
    return parts;
}

bool is_key(std::string_view text) {
    return !text.empty() && text.find_first_of(" =!(),") == std::string_view::npos;
}

}  // namespace

std::optional<Selector::Requirement> Selector::parse_one(std::string_view text) {
    if (text.starts_with('!')) {
        const std::string_view key = trim(text.substr(1));
        if (!is_key(key)) return std::nullopt;
        return Requirement{std::string(key), Operator::not_exists, {}};
    }
    if (text.ends_with(')')) {
        const std::size_t open = text.find('(');
        const bool negative = text.find(" notin ") < open || text.find(" notin(") < open;
        const std::size_t word = text.find(negative ? " notin" : " in");
        if (open == std::string_view::npos || word > open) return std::nullopt;
        Requirement requirement{
            std::string(trim(text.substr(0, word))), negative ? Operator::not_in : Operator::in, {}};
        for (const std::string_view value : split(text.substr(open + 1, text.size() - open - 2)))
            requirement.values.emplace_back(value);
        if (!is_key(requirement.key)) return std::nullopt;
        return requirement;
    }
    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos) {
        if (!is_key(text)) return std::nullopt;
        return Requirement{std::string(text), Operator::exists, {}};
    }
    const bool negative = equals > 0 && text[equals - 1] == '!';
    const bool doubled = equals + 1 < text.size() && text[equals + 1] == '=';
    const std::string_view key = trim(text.substr(0, negative ? equals - 1 : equals));
    const std::string_view value = trim(text.substr(equals + (doubled ? 2 : 1)));
    if (!is_key(key)) return std::nullopt;
    return Requirement{std::string(key), negative ? Operator::not_in : Operator::in, {std::string(value)}};
}

std::optional<Selector> Selector::parse(std::string_view text) {
    Selector selector;
    if (trim(text).empty()) return selector;
    for (const std::string_view part : split(text)) {
        std::optional<Requirement> requirement = parse_one(part);
        if (!requirement) return std::nullopt;
        selector.requirements_.push_back(std::move(*requirement));
    }
    return selector;
}

void Selector::require(std::string key, std::string value) {
    requirements_.push_back({std::move(key), Operator::in, {std::move(value)}});
}

bool Selector::matches(const Labels& labels) const {
    return std::all_of(requirements_.begin(), requirements_.end(), [&labels](const Requirement& wanted) {
        const auto found = labels.find(wanted.key);
        const bool there = found != labels.end();
        const bool listed = there && std::find(wanted.values.begin(), wanted.values.end(), found->second) !=
                                         wanted.values.end();
        switch (wanted.op) {
            case Operator::in:
                return listed;
            case Operator::not_in:
                return !listed;
            case Operator::exists:
                return there;
            case Operator::not_exists:
                return !there;
        }
        return false;
    });
}

}  // namespace milo_perf::fake_milo
