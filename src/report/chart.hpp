#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace milo_perf::report {

/// A chart and its data. The page holds the data once, as the table below the chart: the script draws from
/// that table, so that picture and table cannot differ, and without scripting the table is there.
struct Chart {
    enum class Kind {
        /// Groups of bars; x is a text.
        bars,
        lines,
        /// A line that keeps its value until the next point.
        steps,
        points,
        /// x is a percentile on a scale of 1 / (1 − x): 90, 99, 99.9 at equal distances.
        percentiles,
    };
    struct Column {
        std::string label;
        bool right_axis = false;
        /// In the table only.
        bool text = false;
    };

    /// Unique in the page.
    std::string id;
    std::string title;
    /// One or two sentences: what it shows and how to read it.
    std::string note;
    Kind kind = Kind::lines;
    std::string y_label;
    std::string right_label;
    /// Shades the run's phases behind it; x is then seconds from the start of the run.
    bool phases = false;
    bool logarithmic = false;
    /// A horizontal line worth knowing, e.g. the service level.
    std::optional<double> limit;
    std::string limit_label;
    bool wide = false;
    /// A mark on each point of a line: few values that were measured, and not a course.
    bool marked = false;

    /// The first column is x.
    std::vector<Column> columns;
    /// Cells as shown. An empty one has no point here, "n/a" is a gap.
    std::vector<std::vector<std::string>> rows;
};

/// One line of a chart before it is put into the table.
struct Line {
    Chart::Column column;
    /// x and y; a null y is a gap.
    std::vector<std::pair<double, std::optional<double>>> points;
};

/// Fills columns and rows with the union of the lines' x, in ascending order.
void put_lines(Chart& chart, const std::string& x_label, const std::vector<Line>& lines);

/// A figure for a chart's table: five significant digits, no separators; "n/a" when missing.
std::string plain(std::optional<double> value);

/// The figure element; a sentence instead when there are no rows.
std::string write(const Chart& chart);

/// Charts that have been written, as many beside one another as the page is wide for.
std::string chart_grid(std::string_view charts);

}  // namespace milo_perf::report
