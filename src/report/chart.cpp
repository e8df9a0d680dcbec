#include "report/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <map>
#include <string_view>

#include "report/format.hpp"
#include "report/text.hpp"

namespace milo_perf::report {
namespace {

std::string_view kind_name(Chart::Kind kind) {
    switch (kind) {
        case Chart::Kind::bars:
            return "bars";
        case Chart::Kind::lines:
            return "lines";
        case Chart::Kind::steps:
            return "steps";
        case Chart::Kind::points:
            return "points";
        case Chart::Kind::percentiles:
            return "percentiles";
    }
    return "lines";
}

std::string header_cells(const Chart& chart) {
    std::string html;
    for (const auto& column : chart.columns) {
        html += fmt::format("<th scope=\"col\"{}{}>{}</th>", column.text ? " data-text" : "",
                            column.right_axis ? " data-right" : "", escape_html(column.label));
    }
    return html;
}

/// End tags of rows and cells may be left out in HTML; in tables of thousands of rows that counts.
std::string body_rows(const Chart& chart) {
    std::string html;
    for (const auto& row : chart.rows) {
        html += "<tr>";
        for (std::size_t i = 0; i < row.size(); ++i) {
            const bool words = i < chart.columns.size() && chart.columns[i].text;
            html += words ? "<td class=\"text\">" : "<td>";
            html += escape_html(row[i]);
        }
        html += '\n';
    }
    return html;
}

std::string attributes(const Chart& chart) {
    std::string html =
        fmt::format(R"( data-kind="{}" data-y="{}")", kind_name(chart.kind), escape_html(chart.y_label));
    if (!chart.right_label.empty()) {
        html += fmt::format(" data-y-right=\"{}\"", escape_html(chart.right_label));
    }
    if (chart.phases) html += " data-phases";
    if (chart.logarithmic) html += " data-log";
    if (chart.marked) html += " data-marked";
    if (chart.limit) {
        html += fmt::format(R"( data-limit="{}" data-limit-label="{}")", plain(chart.limit),
                            escape_html(chart.limit_label));
    }
    return html;
}

}  // namespace

std::string plain(std::optional<double> value) {
    if (!value || !std::isfinite(*value)) return not_available;
    if (std::abs(*value) >= 99999.5) return fmt::format("{:.0f}", *value);
    return fmt::format("{:.5g}", *value);
}

void put_lines(Chart& chart, const std::string& x_label, const std::vector<Line>& lines) {
    std::map<double, std::vector<std::string>> rows;
    chart.columns = {{.label = x_label}};
    for (std::size_t i = 0; i < lines.size(); ++i) {
        chart.columns.push_back(lines[i].column);
        for (const auto& [x, y] : lines[i].points) {
            auto& cells = rows[x];
            cells.resize(lines.size());
            cells[i] = plain(y);
        }
    }
    for (auto& [x, cells] : rows) {
        std::vector<std::string> row{fmt::format("{:.8g}", x)};
        std::move(cells.begin(), cells.end(), std::back_inserter(row));
        chart.rows.push_back(std::move(row));
    }
}

std::string chart_grid(std::string_view charts) {
    return fmt::format("<div class=\"charts\">\n{}</div>\n", charts);
}

std::string write(const Chart& chart) {
    const std::string title = escape_html(chart.title);
    const std::string id = escape_html(chart.id);
    std::string html =
        fmt::format("<figure class=\"chart{}\" id=\"{}\"{}>\n<figcaption><h3>{}</h3><p>{}</p></figcaption>\n",
                    chart.wide ? " wide" : "", id, attributes(chart), title, escape_html(chart.note));
    if (chart.rows.empty()) return html + "<p class=\"none\">No data: n/a.</p>\n</figure>\n";
    html += fmt::format(
        "<div class=\"plot\"><canvas role=\"img\" aria-label=\"{0}. The figures are in the table that "
        "follows.\"></canvas></div>\n"
        "<details class=\"data\" open><summary>Data of “{0}”</summary>\n<div class=\"scroll\" tabindex=\"0\" "
        "role=\"region\" aria-label=\"Data of {0}\"><table><caption>{0}</caption><thead><tr>{1}</tr></thead>"
        "<tbody>\n{2}</tbody></table></div></details>\n</figure>\n",
        title, header_cells(chart), body_rows(chart));
    return html;
}

}  // namespace milo_perf::report
