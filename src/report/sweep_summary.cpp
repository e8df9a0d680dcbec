#include "report/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <vector>

#include "report/format.hpp"
#include "report/text.hpp"
#include "results/figures.hpp"
#include "results/names.hpp"

namespace milo_perf::report {
namespace {

using results::Spread;
using Rows = std::vector<std::vector<std::string>>;

std::string time_of(const Spread& spread) {
    return duration(spread.median).text();
}

/// The median, and how far the repeats lie apart as a share of it.
std::string with_range(const Spread& spread) {
    std::string text = number(spread.median);
    if (spread.repeats > 1 && spread.median && *spread.median > 0)
        text += fmt::format(" ±{:.0f} %", 50 * (*spread.most - *spread.least) / *spread.median);
    return text;
}

std::string aligned(const Rows& rows) {
    std::vector<std::size_t> widths(rows.front().size(), 0);
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_columns(row[i]));
    }
    std::string text;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i) {
            text += i == 0 ? "" : "  ";
            text += std::string(widths[i] - display_columns(row[i]), ' ') + row[i];
        }
        text += '\n';
    }
    return text;
}

/// How much more than before.
std::string change(std::optional<double> value, std::string_view unit) {
    return with_short_unit(with_sign(quantity(value, unit)));
}

Rows load_rows(const results::Sweep& sweep) {
    Rows rows{
        {sweep.knob, "creates/s", "p50", "p99", "errors", "apiserver", "memory", "etcd", "memory", "limit"}};
    for (const auto& point : sweep.points) {
        rows.push_back({fmt::format("{:g}", point.value), with_range(point.throughput_per_second),
                        time_of(point.p50_seconds), time_of(point.p99_seconds),
                        percent(point.error_rate.median), cores(point.apiserver_cpu_cores.median).text(),
                        bytes(point.apiserver_mem_bytes.median).text(),
                        cores(point.etcd_cpu_cores.median).text(), bytes(point.etcd_mem_bytes.median).text(),
                        !point.keeps_limit   ? ""
                        : *point.keeps_limit ? "kept"
                                             : "missed"});
    }
    return rows;
}

Rows project_rows(const results::Sweep& sweep) {
    Rows rows{{"Projects", "runs", "Ready", "apiserver", "memory", "etcd", "memory"}};
    for (const auto& point : sweep.points) {
        rows.push_back(
            {fmt::format("{:g}", point.value), count(point.repeats), time_of(point.projects_ready_seconds),
             change(point.apiserver_cpu_cores.median, "cores"),
             change(point.apiserver_mem_bytes.median, "bytes"), change(point.etcd_cpu_cores.median, "cores"),
             change(point.etcd_mem_bytes.median, "bytes")});
    }
    return rows;
}

std::string slope_lines(const results::Sweep& sweep) {
    std::string text;
    for (const auto& slope : sweep.slopes) {
        text += fmt::format("{} per Project: ", slope.figure);
        if (!slope.per_project) {
            text += fmt::format("n/a ({})\n", slope.method);
            continue;
        }
        const SlopeText words = slope_text(slope);
        text += fmt::format("{} (95 %: {} to {}){}\n", words.per_project, words.low, words.high,
                            words.differs_from_zero ? "" : ", not significantly different from 0");
    }
    return text;
}

}  // namespace

std::string sweep_summary(const results::Sweep& sweep) {
    const bool projects = sweep.knob == "NUM_PROJECTS";
    std::string text = fmt::format("Sweep {} over {}: {}\n", printable(sweep.test_id), sweep.knob,
                                   name_of(sweep.outcome).title);
    if (sweep.reason) text += printable(*sweep.reason) + "\n";
    text += "\n" + aligned(projects ? project_rows(sweep) : load_rows(sweep));
    if (sweep.knee) text += "\n" + printable(sweep.knee->verdict) + "\n";
    if (projects) text += "\n" + slope_lines(sweep);
    for (const std::string& warning : sweep.warnings) text += "warning: " + printable(warning) + "\n";
    return text;
}

SlopeText slope_text(const results::SweepSlope& slope) {
    const std::array<std::optional<double>, 3> values{slope.per_project, slope.low, slope.high};
    const auto texts = in_common_unit(values, slope.figure.ends_with("cores") ? "cores" : "bytes");
    const auto text = [&texts](std::size_t i) { return with_short_unit(with_sign(texts[i])); };
    return {.per_project = text(0),
            .low = text(1),
            .high = text(2),
            .differs_from_zero = slope.low && slope.high && (*slope.low > 0 || *slope.high < 0)};
}

}  // namespace milo_perf::report
