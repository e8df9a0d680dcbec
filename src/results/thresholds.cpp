#include "results/thresholds.hpp"
#include "results/format.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>

#include "base/error.hpp"
#include "results/units.hpp"

namespace milo_perf::results {

namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// A user's text for a message: one line, of bounded length.
std::string quoted(std::string_view text) {
    std::string shown;
    for (const char c : text.substr(0, 120)) shown += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    return fmt::format("'{}'", shown);
}

[[noreturn]] void refuse(std::string_view expression, std::string_view why) {
    throw UserError(
        fmt::format("Threshold {} cannot be read: {}; write NAME OPERATOR NUMBER[UNIT], for "
                    "example 'secrets.create.p99 < 250ms'.",
                    quoted(expression), why));
}

struct Symbol {
    std::string_view text;
    Comparator comparator;
};
/// Longer ones first: "<=" begins with "<".
constexpr Symbol symbols[] = {{"<=", Comparator::less_or_equal},
                              {">=", Comparator::greater_or_equal},
                              {"<", Comparator::less},
                              {">", Comparator::greater}};

std::string_view symbol_of(Comparator comparator) {
    for (const Symbol& symbol : symbols) {
        if (symbol.comparator == comparator) return symbol.text;
    }
    return "<";
}

std::string units_of(std::string_view unit) {
    std::string texts;
    for (const UnitSpelling& spelling : unit_spellings()) {
        if (spelling.unit == unit && spelling.text != "µs") {
            texts += (texts.empty() ? "" : ", ") + std::string(spelling.text);
        }
    }
    return texts;
}

/// A number without a unit is clear where there is none, for 0, and for a share, which is from 0 to 1.
bool may_be_bare(const NamedFigure& figure, double number) {
    if (figure.unit == "share") return number >= 0 && number <= 1;
    return number == 0 || units_of(figure.unit).empty();
}

double factor_of(std::string_view expression, const NamedFigure& figure, double number,
                 std::string_view text) {
    if (text.empty() && may_be_bare(figure, number)) return 1;
    if (text.empty())
        refuse(expression, fmt::format("its number has no unit, and {} is in {}, so give one of {}",
                                       figure.name, figure.unit, units_of(figure.unit)));
    for (const UnitSpelling& spelling : unit_spellings()) {
        if (spelling.unit == figure.unit && spelling.text == text) return spelling.factor;
    }
    const std::string fitting = units_of(figure.unit);
    refuse(expression, fmt::format("the unit {} does not fit {}, which takes {}", quoted(text), figure.name,
                                   fitting.empty() ? std::string("none") : fitting));
}

double limit_of(std::string_view expression, const NamedFigure& figure, std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || !std::isfinite(number)) {
        refuse(expression, fmt::format("{} is no number", quoted(text)));
    }
    const std::string_view unit = trimmed(text.substr(static_cast<std::size_t>(end - text.data())));
    const double limit = number * factor_of(expression, figure, number, unit);
    if (!std::isfinite(limit)) refuse(expression, "the number is too large");
    return limit;
}

bool holds(Comparator comparator, double value, double limit) {
    switch (comparator) {
        case Comparator::less:
            return value < limit;
        case Comparator::less_or_equal:
            return value <= limit;
        case Comparator::greater:
            return value > limit;
        case Comparator::greater_or_equal:
            break;
    }
    return value >= limit;
}

std::string distance(double value, double limit, std::string_view unit) {
    if (value == limit) return fmt::format("just at the limit of {}", show(limit, unit));
    const std::string_view side = value > limit ? "above" : "below";
    const double difference = std::abs(value - limit);
    if (limit == 0) return fmt::format("{} {} the limit of 0", show(difference, unit), side);
    return fmt::format("{} ({:.3g} %) {} the limit of {}", show(difference, unit),
                       difference / std::abs(limit) * 100, side, show(limit, unit));
}

}  // namespace

ThresholdRule parse_threshold(std::string_view text) {
    const std::string_view expression = trimmed(text);
    const std::size_t at = expression.find_first_of("<>");
    if (at == std::string_view::npos) refuse(expression, "it has none of the operators <, <=, > and >=");
    const std::string_view name = trimmed(expression.substr(0, at));
    if (name.empty()) refuse(expression, "it names no figure");
    std::string_view rest = expression.substr(at);
    ThresholdRule rule{.expression = std::string(expression)};
    for (const Symbol& symbol : symbols) {
        if (!rest.starts_with(symbol.text)) continue;
        rule.comparator = symbol.comparator;
        rest = trimmed(rest.substr(symbol.text.size()));
        break;
    }
    const std::optional<NamedFigure> figure = find_figure(name);
    if (!figure) {
        throw UserError(
            fmt::format("Threshold {} names the unknown figure {}: did you mean {}? \"milo-perf figures\" "
                        "lists all of them.",
                        quoted(expression), quoted(name), fmt::join(nearest_figures(name), ", ")));
    }
    rule.figure = *figure;
    rule.limit = limit_of(expression, rule.figure, rest);
    return rule;
}

std::vector<ThresholdRule> parse_thresholds(std::string_view text) {
    std::vector<ThresholdRule> rules;
    while (!text.empty()) {
        const std::size_t end = text.find_first_of(";\n");
        const std::string_view one = trimmed(text.substr(0, end));
        if (!one.empty()) rules.push_back(parse_threshold(one));
        if (end == std::string_view::npos) break;
        text.remove_prefix(end + 1);
    }
    return rules;
}

Threshold evaluate(const ThresholdRule& rule, const Run& run) {
    const Derived found = rule.figure.value(run);
    Threshold result{.expression = rule.expression,
                     .value = found.value,
                     .limit = rule.limit,
                     .unit = std::string(rule.figure.unit)};
    if (!found.value) {
        result.verdict = fmt::format("{} has no value: {}", rule.figure.name, found.reason);
        return result;
    }
    result.passed = holds(rule.comparator, *found.value, rule.limit);
    result.verdict =
        fmt::format("{} is {}, {}{}", rule.figure.name, show(found.value, found.unit),
                    distance(*found.value, rule.limit, found.unit),
                    result.passed ? "" : fmt::format(" (wanted {})", symbol_of(rule.comparator)));
    return result;
}

std::vector<Threshold> evaluate(const std::vector<ThresholdRule>& rules, const Run& run) {
    std::vector<Threshold> results;
    results.reserve(rules.size());
    for (const ThresholdRule& rule : rules) results.push_back(evaluate(rule, run));
    return results;
}

}  // namespace milo_perf::results
