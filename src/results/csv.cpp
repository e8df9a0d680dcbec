#include "results/csv.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>

#include "results/figures.hpp"

namespace milo_perf::results {

namespace {

std::string field(std::string_view text) {
    return csv_field(text);
}
std::string field(std::uint64_t number) {
    return std::to_string(number);
}
std::string field(std::optional<double> number) {
    return number && std::isfinite(*number) ? fmt::format("{}", *number) : std::string();
}

template <class... Fields>
void row(std::string& out, const Fields&... fields) {
    bool first = true;
    const auto append = [&](std::string text) {
        if (!first) out += ',';
        first = false;
        out += text;
    };
    (append(field(fields)), ...);
    out += "\r\n";
}

template <class... Columns>
std::string header(Columns... columns) {
    std::string out;
    row(out, std::string_view(columns)...);
    return out;
}

}  // namespace

std::string csv_field(std::string_view text) {
    std::string out;
    // Names come from outside: "=HYPERLINK(…)" must stay a text.
    if (!text.empty() && std::string_view("=+-@\t\r").find(text[0]) != std::string_view::npos) out += '\'';
    out += text;
    if (out.find_first_of(",\"\r\n") == std::string::npos) return out;
    std::string quoted = "\"";
    for (const char c : out) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    return quoted + '"';
}

std::string figures_csv(const Run& run) {
    std::string out = header("test_id", "name", "value", "unit", "reason");
    for (const NamedFigure& figure : figures_of(run)) {
        const Derived found = figure.value(run);
        row(out, std::string_view(run.test_id), std::string_view(figure.name), found.value, figure.unit,
            std::string_view(found.reason));
    }
    return out;
}

std::string requests_csv(const Run& run) {
    std::string out = header("phase", "verb", "resource", "operations", "operations_failed", "attempts",
                             "attempts_failed", "retries", "late_sends", "dropped_sends", "bytes_sent",
                             "bytes_received", "backoff_seconds", "throughput_per_second", "min_seconds",
                             "mean_seconds", "p50_seconds", "p90_seconds", "p99_seconds", "p99_9_seconds",
                             "max_seconds", "attempt_p50_seconds", "attempt_p99_seconds", "items");
    for (const RequestSeries& one : run.requests) {
        const Distribution& latency = one.operation_latency;
        row(out, std::string_view(one.phase), std::string_view(one.verb), std::string_view(one.resource),
            one.operations, one.operations_failed, one.attempts, one.attempts_failed, one.retries,
            one.late_sends, one.dropped_sends, one.bytes_sent, one.bytes_received,
            std::optional(one.backoff_seconds), one.throughput_per_second, latency.min_seconds,
            latency.mean_seconds, latency.p50_seconds, latency.p90_seconds, latency.p99_seconds,
            latency.p99_9_seconds, latency.max_seconds, one.attempt_latency.p50_seconds,
            one.attempt_latency.p99_seconds, one.items);
    }
    return out;
}

std::string projects_csv(const Run& run) {
    std::string out =
        header("name", "create_outcome", "create_sent_offset_seconds", "create_acknowledged_offset_seconds",
               "ready_by_server_offset_seconds", "ready_seen_offset_seconds", "ready_seconds", "reason");
    for (const Project& one : run.projects) {
        row(out, std::string_view(one.name), std::string_view(one.create_outcome),
            one.create_sent_offset_seconds, one.create_acknowledged_offset_seconds,
            one.ready_by_server_offset_seconds, one.ready_seen_offset_seconds, one.ready_seconds,
            std::string_view(one.reason ? *one.reason : std::string()));
    }
    return out;
}

}  // namespace milo_perf::results
