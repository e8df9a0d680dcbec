#include "results/from_stats.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "results/derived.hpp"
#include "results/format.hpp"

namespace milo_perf::results {

namespace {

std::optional<double> seconds(std::optional<Duration> duration) {
    if (!duration) return std::nullopt;
    return to_seconds(*duration);
}

template <class Key>
Counts counts(const stats::Tally<Key>& tally) {
    Counts result;
    for (const auto& [key, count] : tally.entries()) {
        if constexpr (std::is_integral_v<Key>) {
            result[std::to_string(key)] += count;
        } else {
            result[std::string(key)] += count;
        }
    }
    return result;
}

/// One operation alone spans its own latency only: its rate would say nothing about throughput.
std::optional<double> throughput(const stats::Series& series) {
    if (series.operations_ok() < 2 || !series.first_start || !series.last_end) return std::nullopt;
    const double span = to_seconds(*series.last_end - *series.first_start);
    if (span <= 0) return std::nullopt;
    return static_cast<double>(series.operations_ok()) / span;
}

RequestSeries converted(const stats::Series& series) {
    RequestSeries result;
    result.phase = series.phase;
    result.verb = stats::to_string(series.verb);
    result.resource = series.resource;
    result.load = series.purpose == stats::Purpose::load;
    result.operations = series.operations_finished;
    result.operations_failed = series.operations_failed;
    result.operations_cancelled = series.operations_cancelled;
    result.attempts = series.attempts;
    result.attempts_failed = series.attempts_failed;
    result.attempts_cancelled = series.attempts_cancelled;
    result.retries = series.retries;
    result.statuses = counts(series.statuses);
    result.errors = counts(series.errors);
    result.retries_by_cause = counts(series.retries_by_cause);
    result.failures_by_cause = counts(series.failures_by_cause);
    result.backoff_seconds = to_seconds(series.backoff);
    result.connections_new = series.connections_new;
    result.connections_reused = series.connections_reused;
    result.bytes_sent = series.bytes_sent;
    result.bytes_received = series.bytes_received;
    result.items = series.items;
    result.late_sends = series.late_sends;
    result.dropped_sends = series.dropped_sends;
    result.throughput_per_second = throughput(series);
    result.operation_latency = distribution(series.operation_latency);
    result.attempt_latency = distribution(series.attempt_latency);
    result.connection_wait = distribution(series.connection_wait);
    result.connect = distribution(series.connect);
    result.time_to_first_byte = distribution(series.time_to_first_byte);
    result.body = distribution(series.body);
    return result;
}

/// More Projects do not make a control plane cheaper: CPU that is lost between the first two snapshots was
/// taken by something else. Below these limits it is the wavering of a control plane at rest.
std::optional<std::string> busy_baseline_warning(const Metrics& metrics) {
    constexpr double least_cores = 0.1;
    constexpr double least_share = 0.25;
    if (!metrics.baseline || !metrics.after_projects) return std::nullopt;
    const std::pair<std::string_view, Quantity> parts[] = {{"apiserver", Quantity::apiserver_cpu_cores},
                                                           {"etcd", Quantity::etcd_cpu_cores}};
    for (const auto& [part, quantity] : parts) {
        const auto before = value(*metrics.baseline, quantity);
        const auto after = value(*metrics.after_projects, quantity);
        if (!before || !after || *before - *after < std::max(least_cores, least_share * *before)) continue;
        return fmt::format(
            "The control plane was not idle in the baseline ({} used {}, and {} after Projects), so the "
            "cost of a Project is too low: start a run a MEASURE_WINDOW after other load, such as a cleanup, "
            "has ended.",
            part, show(before, "cores"), show(after, "cores"));
    }
    return std::nullopt;
}

}  // namespace

Distribution distribution(const stats::Histogram& histogram) {
    Distribution result;
    result.count = histogram.count();
    if (histogram.empty()) return result;
    result.min_seconds = seconds(histogram.min());
    result.mean_seconds = seconds(histogram.mean());
    result.p50_seconds = seconds(histogram.percentile(50));
    result.p90_seconds = seconds(histogram.percentile(90));
    result.p99_seconds = seconds(histogram.percentile(99));
    result.p99_9_seconds = seconds(histogram.percentile(99.9));
    result.max_seconds = seconds(histogram.max());
    result.histogram = histogram.encode();
    return result;
}

std::vector<RequestSeries> request_series(const stats::Recorder& recorder) {
    std::vector<RequestSeries> result;
    for (const stats::Series& series : recorder.all()) {
        if (series.operations_started + series.attempts + series.dropped_sends == 0) continue;
        result.push_back(converted(series));
    }
    return result;
}

std::vector<TimelinePoint> timeline(const stats::Timeline& timeline) {
    std::vector<TimelinePoint> result;
    for (const stats::Timeline::Point& point : timeline.points()) {
        TimelinePoint& to = result.emplace_back();
        to.offset_seconds = to_seconds(point.offset);
        to.interval_seconds = to_seconds(point.interval);
        to.phase = point.phase;
        to.started = point.started;
        to.finished = point.finished;
        to.failed = point.failed;
        to.in_flight = point.in_flight;
        to.p50_seconds = seconds(point.p50);
        to.p99_seconds = seconds(point.p99);
    }
    return result;
}

void fill_client(Client& client, const stats::ClientMonitor& monitor, const stats::Recorder& recorder) {
    client.cpu_share = monitor.cpu_share();
    client.event_loop_lag = distribution(monitor.event_loop_lag());
    client.run_delay_share = monitor.run_delay_share();
    client.saturated_share = monitor.saturated_share();
    client.starved_share = monitor.starved_share();
    client.limit = stats::to_string(monitor.limit());
    client.peak_in_flight = recorder.peak_in_flight();
}

std::optional<std::string> client_warning(const Client& client) {
    if (client.limit == "saturated") {
        return fmt::format(
            "The client was saturated in {} of the load time ({} of a core in use on average): latencies "
            "contain "
            "its own delay, so lower the concurrency or QPS, or split the load over several clients.",
            percent(client.saturated_share), percent(client.cpu_share));
    }
    if (client.limit == "starved") {
        const std::string waited =
            client.run_delay_share ? fmt::format(" and waited for one in {}", percent(client.run_delay_share))
                                   : "";
        return fmt::format(
            "The client was starved in {} of the load time (it used {} of a core{}): other programs used the "
            "CPU, or a CPU limit held it back, and latencies contain that wait, so give it a core of its "
            "own.",
            percent(client.starved_share), percent(client.cpu_share), waited);
    }
    return std::nullopt;
}

std::vector<std::string> snapshot_warnings(const Metrics& metrics) {
    const std::pair<std::string_view, const std::optional<Snapshot>&> named[] = {
        {"of the baseline", metrics.baseline},
        {"after Projects", metrics.after_projects},
        {"after objects", metrics.after_secrets}};
    std::vector<std::string> warnings;
    for (const auto& [name, snapshot] : named) {
        if (!snapshot) continue;
        std::size_t missing = 0;
        std::string reason;
        for (const Quantity quantity : all_quantities) {
            if (value(*snapshot, quantity)) continue;
            ++missing;
            const auto evidence = snapshot->evidence.find(std::string(key(quantity)));
            if (reason.empty() && evidence != snapshot->evidence.end()) {
                reason = evidence->second.reason.value_or("");
            }
        }
        if (missing == 0) continue;
        warnings.push_back(fmt::format("The snapshot {} lacks {} of its {} figures{}{}.", name, missing,
                                       all_quantities.size(), reason.empty() ? "" : ": ", reason));
    }
    if (auto busy = busy_baseline_warning(metrics)) warnings.push_back(std::move(*busy));
    return warnings;
}

}  // namespace milo_perf::results
