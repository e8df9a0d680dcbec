#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "results/compare.hpp"
#include "results/format.hpp"
#include "results/json_text.hpp"

namespace milo_perf::results {

namespace {

/// One line without control characters, for a terminal or a table.
std::string printable(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        out += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    return out;
}

/// Text within a Markdown table: nothing ends the cell or begins HTML, a link or a mention.
std::string markdown(std::string_view text) {
    std::string out;
    for (const char c : printable(text)) {
        if (c == '<') {
            out += "&lt;";
        } else if (c == '&') {
            out += "&amp;";
        } else if (c == '@') {
            out += "&#64;";
        } else {
            if (std::string_view("|\\`*_[]").find(c) != std::string_view::npos) out += '\\';
            out += c;
        }
    }
    return out;
}

std::string change_text(std::optional<double> change) {
    return change ? fmt::format("{:+.1f} %", *change * 100) : std::string("n/a");
}

using Row = std::array<std::string, 6>;

std::vector<Row> rows(const Comparison& comparison) {
    std::vector<Row> all;
    all.reserve(comparison.figures.size());
    for (const FigureComparison& one : comparison.figures) {
        all.push_back({one.figure.name, show(one.a, one.figure.unit), show(one.b, one.figure.unit),
                       change_text(one.change), std::string(to_string(one.verdict)), one.basis});
    }
    return all;
}

std::string padded(const std::string& text, std::size_t to, bool right) {
    const std::string space(to > display_columns(text) ? to - display_columns(text) : 0, ' ');
    return right ? space + text : text + space;
}

std::string sides(const Comparison& comparison) {
    return fmt::format("A: {} ({})\nB: {} ({})\n", printable(comparison.name_a),
                       counted(comparison.runs_a, "run"), printable(comparison.name_b),
                       counted(comparison.runs_b, "run"));
}

void append_number(std::string& out, std::optional<double> number) {
    if (number) {
        append_json_number(out, *number);
    } else {
        out += "null";
    }
}

void append_figure(std::string& out, const FigureComparison& one) {
    out += "{\"name\":";
    append_json_string(out, one.figure.name);
    out += ",\"unit\":";
    append_json_string(out, one.figure.unit);
    const std::pair<std::string_view, std::optional<double>> numbers[] = {
        {"a", one.a}, {"b", one.b}, {"change", one.change}, {"p_value", one.p_value}};
    for (const auto& [name, number] : numbers) {
        out += fmt::format(",\"{}\":", name);
        append_number(out, number);
    }
    out += ",\"verdict\":";
    append_json_string(out, to_string(one.verdict));
    out += ",\"basis\":";
    append_json_string(out, one.basis);
    out += '}';
}

}  // namespace

std::string comparison_text(const Comparison& comparison) {
    std::vector<Row> table = rows(comparison);
    table.insert(table.begin(), Row{"figure", "A", "B", "change", "verdict", "basis"});
    std::array<std::size_t, 6> widths{};
    for (const Row& row : table) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_columns(row[i]));
    }
    std::string out = sides(comparison);
    for (const std::string& one : comparison.workload_differences) {
        out += fmt::format("Different workload: {}\n", printable(one));
    }
    out += '\n';
    for (const Row& row : table) {
        for (std::size_t i = 0; i + 1 < row.size(); ++i) {
            out += padded(row[i], widths[i], i >= 1 && i <= 3) + "  ";
        }
        out += printable(row.back());
        out.resize(out.find_last_not_of(' ') + 1);
        out += '\n';
    }
    return out + fmt::format("\n{}\nWorse: {} of {} figures.\n", comparison.method, comparison.regressions(),
                             comparison.figures.size());
}

std::string comparison_json(const Comparison& comparison) {
    std::string out = "{\n \"a\": ";
    append_json_string(out, comparison.name_a);
    out += ",\n \"b\": ";
    append_json_string(out, comparison.name_b);
    out += fmt::format(",\n \"runs_a\": {},\n \"runs_b\": {},\n \"regressions\": {},\n \"method\": ",
                       comparison.runs_a, comparison.runs_b, comparison.regressions());
    append_json_string(out, comparison.method);
    out += ",\n \"workload_differences\": [";
    for (std::size_t i = 0; i < comparison.workload_differences.size(); ++i) {
        if (i > 0) out += ',';
        append_json_string(out, comparison.workload_differences[i]);
    }
    out += "],\n \"figures\": [";
    for (std::size_t i = 0; i < comparison.figures.size(); ++i) {
        out += i > 0 ? ",\n  " : "\n  ";
        append_figure(out, comparison.figures[i]);
    }
    return out + "]\n}\n";
}

std::string comparison_markdown(const Comparison& comparison) {
    std::string out = fmt::format("**A**: {} ({}), **B**: {} ({}); {} worse\n\n", markdown(comparison.name_a),
                                  counted(comparison.runs_a, "run"), markdown(comparison.name_b),
                                  counted(comparison.runs_b, "run"), comparison.regressions());
    for (const std::string& one : comparison.workload_differences) {
        out += fmt::format("- Different workload: {}\n", markdown(one));
    }
    if (!comparison.workload_differences.empty()) out += '\n';
    out += "| Figure | A | B | Change | Verdict | Basis |\n|---|--:|--:|--:|---|---|\n";
    for (const Row& row : rows(comparison)) {
        out += '|';
        for (const std::string& cell : row) out += fmt::format(" {} |", markdown(cell));
        out += '\n';
    }
    return out + fmt::format("\n{}\n", markdown(comparison.method));
}

}  // namespace milo_perf::results
