#include "report/elements.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "report/text.hpp"

namespace milo_perf::report {
namespace {

/// From so many on a table is set closer.
constexpr std::size_t many_columns = 10;

bool numeric(const std::string& column) {
    return column.starts_with('#');
}

}  // namespace

std::string_view mark(std::string_view state) {
    if (state == "good") return "✓ ";
    if (state == "bad") return "✗ ";
    if (state == "warn") return "! ";
    return {};
}

std::string write(const std::vector<Card>& cards) {
    std::string html = "<dl class=\"cards\">\n";
    for (const Card& card : cards) {
        const std::string attribute = card.state.empty() ? "" : fmt::format(" {}", card.state);
        html +=
            fmt::format("<div class=\"card{}\"><dt>{}{}</dt><dd><span class=\"figure\">{}</span>", attribute,
                        mark(card.state), escape_html(card.label), escape_html(card.figure.number));
        if (!card.figure.unit.empty()) {
            html += fmt::format(" <span class=\"unit\">{}</span>", escape_html(card.figure.unit));
        }
        html +=
            fmt::format("<span class=\"explanation\">{}</span></dd></div>\n", escape_html(card.explanation));
    }
    return html + "</dl>\n";
}

std::string write(const Table& table) {
    if (table.rows.empty()) return paragraph(table.when_empty);
    const std::string caption = escape_html(table.caption);
    std::string html = fmt::format(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table class=\"words{1}\">"
        "<caption>{0}</caption><thead><tr>",
        caption, table.columns.size() >= many_columns ? " many" : "");
    for (const auto& column : table.columns) {
        html += fmt::format("<th scope=\"col\"{}>{}</th>", numeric(column) ? " class=\"number\"" : "",
                            escape_html(numeric(column) ? column.substr(1) : column));
    }
    html += "</tr></thead><tbody>\n";
    for (const auto& row : table.rows) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool figures = i < table.columns.size() && numeric(table.columns[i]);
            if (i == 0) {
                html += fmt::format("<th scope=\"row\">{}</th>", escape_html(row[i]));
            } else {
                html += fmt::format("<td{}>{}</td>", figures ? " class=\"number\"" : "", escape_html(row[i]));
            }
        }
        html += "</tr>\n";
    }
    return html + "</tbody></table></div>\n";
}

std::string section(std::string_view id, std::string_view heading, std::string_view lead,
                    const std::string& content) {
    return fmt::format(
        "<section id=\"{0}\" aria-labelledby=\"{0}-heading\">\n<h2 "
        "id=\"{0}-heading\">{1}</h2>\n{2}{3}</section>\n",
        id, escape_html(heading),
        lead.empty() ? "" : fmt::format("<p class=\"lead\">{}</p>\n", escape_html(lead)), content);
}

std::string subheading(std::string_view text) {
    return fmt::format("<h3>{}</h3>\n", escape_html(text));
}

std::string paragraph(std::string_view text) {
    return text.empty() ? std::string() : fmt::format("<p>{}</p>\n", escape_html(text));
}

std::string bullets(const std::vector<std::string>& texts, std::string_view when_empty) {
    if (texts.empty()) return paragraph(when_empty);
    std::string html = "<ul>\n";
    for (const auto& text : texts) html += fmt::format("<li>{}</li>\n", escape_html(text));
    return html + "</ul>\n";
}

}  // namespace milo_perf::report
