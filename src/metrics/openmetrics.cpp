#include <array>
#include <functional>

#include "metrics/exposition.hpp"
#include "metrics/text_writer.hpp"

namespace milo_perf::metrics {

namespace {

/// Upper bounds in seconds: from a fast local answer to Milo's service level for a Project.
constexpr std::array<double, 19> latency_bounds{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300};

LabelPairs labels_of(const LiveState& state, const stats::Series& series) {
    return {{"test_id", state.test_id},
            {"phase", series.phase},
            {"verb", std::string(stats::to_string(series.verb))},
            {"resource", series.resource}};
}

LabelPairs with(LabelPairs labels, std::string_view name, std::string value) {
    labels.emplace_back(name, std::move(value));
    return labels;
}

/// Bounds are floats in their canonical form, "1.0".
std::string bound_text(double bound) {
    std::string text = exposition_number(bound);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

void write_run(OpenMetricsWriter& out, const LiveState& state) {
    const LabelPairs run{{"test_id", state.test_id}};
    out.family("milo_perf_run", "info", "", "The current run.");
    out.sample("_info", with(run, "version", MILO_PERF_VERSION), 1);
    out.family("milo_perf_phase", "gauge", "", "1 for the current phase.");
    if (!state.phase.empty()) out.sample("", with(run, "phase", state.phase), 1);
    out.family("milo_perf_projects_wanted", "gauge", "", "Projects requested.");
    out.sample("", run, static_cast<double>(state.projects_wanted));
    out.family("milo_perf_projects_ready", "gauge", "", "Projects that are Ready.");
    out.sample("", run, static_cast<double>(state.projects_ready));
    out.family("milo_perf_client_cpu_ratio", "gauge", "ratio",
               "CPU share of milo-perf itself in the newest second; 1 is one core.");
    if (state.client_cpu_share) out.sample("", run, *state.client_cpu_share);
}

struct Output {
    OpenMetricsWriter& out;
    const stats::Recorder& recorder;
    const LiveState& state;
};

/// One family with one sample per series of the recorder.
void write_each(const Output& to, std::string_view name, std::string_view type, std::string_view unit,
                std::string_view help, const std::function<double(const stats::Series&)>& value) {
    to.out.family(name, type, unit, help);
    for (const stats::Series& series : to.recorder.all()) {
        to.out.sample(type == "counter" ? "_total" : "", labels_of(to.state, series), value(series));
    }
}

void write_operations(const Output& to) {
    to.out.family("milo_perf_operations", "counter", "",
                  "Finished operations; one takes one attempt or, with retries, several.");
    for (const stats::Series& series : to.recorder.all()) {
        const LabelPairs labels = labels_of(to.state, series);
        to.out.sample("_total", with(labels, "outcome", "ok"), static_cast<double>(series.operations_ok()));
        to.out.sample("_total", with(labels, "outcome", "failed"),
                      static_cast<double>(series.operations_failed));
    }
    write_each(to, "milo_perf_operations_in_flight", "gauge", "", "Operations begun and not finished.",
               [](const stats::Series& series) { return static_cast<double>(series.in_flight()); });
    write_each(to, "milo_perf_late_sends", "counter", "",
               "Open loop: operations sent well after their planned start.",
               [](const stats::Series& series) { return static_cast<double>(series.late_sends); });
    write_each(to, "milo_perf_dropped_sends", "counter", "", "Open loop: operations given up unsent.",
               [](const stats::Series& series) { return static_cast<double>(series.dropped_sends); });
}

void write_attempts(const Output& to) {
    to.out.family("milo_perf_attempts", "counter", "",
                  "Attempts by HTTP status, or by error where no answer came.");
    for (const stats::Series& series : to.recorder.all()) {
        const LabelPairs labels = labels_of(to.state, series);
        for (const auto& [status, count] : series.statuses.entries()) {
            to.out.sample("_total", with(labels, "status", std::to_string(status)),
                          static_cast<double>(count));
        }
        for (const auto& [error, count] : series.errors.entries()) {
            to.out.sample("_total", with(labels, "error", std::string(error)), static_cast<double>(count));
        }
    }
    to.out.family("milo_perf_retries", "counter", "", "Attempts that were followed by another, by cause.");
    for (const stats::Series& series : to.recorder.all()) {
        for (const auto& [cause, count] : series.retries_by_cause.entries()) {
            to.out.sample("_total", with(labels_of(to.state, series), "cause", std::string(cause)),
                          static_cast<double>(count));
        }
    }
    write_each(to, "milo_perf_backoff_seconds", "counter", "seconds", "Time spent waiting before retries.",
               [](const stats::Series& series) { return to_seconds(series.backoff); });
}

void write_connections(const Output& to) {
    to.out.family("milo_perf_connection_uses", "counter", "",
                  "Attempts on new and on kept-alive connections.");
    for (const stats::Series& series : to.recorder.all()) {
        const LabelPairs labels = labels_of(to.state, series);
        to.out.sample("_total", with(labels, "connection", "new"),
                      static_cast<double>(series.connections_new));
        to.out.sample("_total", with(labels, "connection", "reused"),
                      static_cast<double>(series.connections_reused));
    }
    write_each(to, "milo_perf_sent_bytes", "counter", "bytes", "Bytes of requests.",
               [](const stats::Series& series) { return static_cast<double>(series.bytes_sent); });
    write_each(to, "milo_perf_received_bytes", "counter", "bytes", "Bytes of answers.",
               [](const stats::Series& series) { return static_cast<double>(series.bytes_received); });
}

void write_histogram(OpenMetricsWriter& out, const LabelPairs& labels, const stats::Histogram& histogram) {
    std::array<std::uint64_t, latency_bounds.size()> below{};
    histogram.for_each([&](std::uint32_t index, std::uint64_t count) {
        const double value = static_cast<double>(histogram.layout().median_at(index)) / 1e9;
        for (std::size_t i = 0; i < latency_bounds.size(); ++i) {
            if (value <= latency_bounds[i]) {
                below[i] += count;
                break;
            }
        }
    });
    std::uint64_t cumulative = 0;
    for (std::size_t i = 0; i < latency_bounds.size(); ++i) {
        cumulative += below[i];
        out.sample("_bucket", with(labels, "le", bound_text(latency_bounds[i])),
                   static_cast<double>(cumulative));
    }
    const auto count = static_cast<double>(histogram.count());
    out.sample("_bucket", with(labels, "le", "+Inf"), count);
    out.sample("_count", labels, count);
    out.sample("_sum", labels, to_seconds(histogram.mean().value_or(Duration{})) * count);
}

void write_latency(const Output& to, std::string_view name, std::string_view help,
                   const stats::Histogram stats::Series::*histogram) {
    to.out.family(name, "histogram", "seconds", help);
    for (const stats::Series& series : to.recorder.all()) {
        write_histogram(to.out, labels_of(to.state, series), series.*histogram);
    }
}

}  // namespace

std::string openmetrics_text(const stats::Recorder& recorder, const LiveState& state) {
    OpenMetricsWriter out;
    write_run(out, state);
    const Output to{out, recorder, state};
    write_operations(to);
    write_attempts(to);
    write_connections(to);
    write_latency(to, "milo_perf_operation_latency_seconds",
                  "From the planned start of an operation to the end of its last attempt.",
                  &stats::Series::operation_latency);
    write_latency(to, "milo_perf_attempt_latency_seconds",
                  "Each attempt by itself, without its wait in milo-perf.", &stats::Series::attempt_latency);
    return std::move(out).finish();
}

}  // namespace milo_perf::metrics
