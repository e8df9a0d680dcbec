#include "metrics/text_writer.hpp"

#include <fmt/format.h>

#include <cmath>

namespace milo_perf::metrics {

namespace {

std::string escaped(std::string_view text, bool quotes) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text) {
        if (c == '\\') {
            result += "\\\\";
        } else if (c == '\n') {
            result += "\\n";
        } else if (c == '"' && quotes) {
            result += "\\\"";
        } else {
            result += c;
        }
    }
    return result;
}

}  // namespace

std::string exposition_number(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    return fmt::format("{}", value);
}

std::string exposition_labels(const LabelPairs& labels) {
    std::string text;
    for (const auto& [name, value] : labels) {
        if (value.empty()) continue;
        text += text.empty() ? '{' : ',';
        text.append(name).append("=\"").append(escaped(value, true)).append("\"");
    }
    return text.empty() ? text : text + '}';
}

void OpenMetricsWriter::family(std::string_view name, std::string_view type, std::string_view unit,
                               std::string_view help) {
    name_ = name;
    text_ += fmt::format("# TYPE {} {}\n", name, type);
    if (!unit.empty()) text_ += fmt::format("# UNIT {} {}\n", name, unit);
    text_ += fmt::format("# HELP {} {}\n", name, escaped(help, true));
}

void OpenMetricsWriter::sample(std::string_view suffix, const LabelPairs& labels, double value) {
    text_.append(name_).append(suffix).append(exposition_labels(labels));
    text_.append(" ").append(exposition_number(value)).append("\n");
}

std::string OpenMetricsWriter::finish() && {
    text_ += "# EOF\n";
    return std::move(text_);
}

}  // namespace milo_perf::metrics
