#include "results/from_stats.hpp"

#include <doctest/doctest.h>

using namespace milo_perf;
using namespace std::chrono_literals;

namespace {

const TimePoint origin{300s};

stats::Attempt attempt(int status, std::string_view error) {
    stats::Attempt result;
    result.planned = result.started = origin;
    result.connect = 3ms;
    result.connected = origin + 4ms;
    result.first_byte = origin + 10ms;
    result.finished = origin + 12ms;
    result.bytes_sent = 10;
    result.bytes_received = 20;
    result.status = status;
    result.error = error;
    return result;
}

}  // namespace

TEST_CASE("a distribution without data has no figures") {
    const auto empty = results::distribution(stats::Histogram());
    CHECK(empty.count == 0);
    CHECK_FALSE(empty.min_seconds);
    CHECK_FALSE(empty.p99_seconds);
    CHECK_FALSE(empty.max_seconds);
    CHECK(empty.histogram.empty());
}

TEST_CASE("a distribution holds seconds and can be read back and merged") {
    stats::Histogram first;
    stats::Histogram second;
    for (int i = 1; i <= 1000; ++i) (i % 3 == 0 ? first : second).record(std::chrono::milliseconds(i));
    const auto one = results::distribution(first);
    CHECK(*one.min_seconds == doctest::Approx(0.003));
    CHECK(*one.max_seconds == doctest::Approx(0.999));
    CHECK(*one.p50_seconds == doctest::Approx(0.501).epsilon(0.001));

    auto joint = stats::Histogram::decode(one.histogram);
    REQUIRE(joint);
    joint->merge(*stats::Histogram::decode(results::distribution(second).histogram));
    const auto both = results::distribution(*joint);
    CHECK(both.count == 1000);
    CHECK(*both.p50_seconds == doctest::Approx(0.500).epsilon(0.001));
    CHECK(*both.p90_seconds == doctest::Approx(0.900).epsilon(0.001));
    CHECK(*both.p99_seconds == doctest::Approx(0.990).epsilon(0.001));
    CHECK(*both.p99_9_seconds == doctest::Approx(0.999).epsilon(0.001));
}

TEST_CASE("a series becomes its figures in the results") {
    stats::Recorder recorder(origin);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    recorder.series("objects", stats::Verb::create, "configmaps");
    recorder.operation_started(id, origin);
    recorder.operation_started(id, origin);
    recorder.operation_started(id, origin);
    recorder.attempt(id, attempt(500, "http_500"));
    recorder.retry(id, "http_500", 1500ms);
    recorder.attempt(id, attempt(201, {}));
    recorder.attempt(id, attempt(0, "reset"));
    recorder.operation_finished(id, origin, origin, origin + 2s, true);
    recorder.operation_finished(id, origin, origin, origin + 4s, true);
    recorder.operation_finished(id, origin, origin, origin + 1s, false, "reset");
    recorder.late(id);
    recorder.dropped(id);

    const auto all = results::request_series(recorder);
    // The one in which nothing happened is not there.
    REQUIRE(all.size() == 1);
    const auto& series = all[0];
    CHECK(series.phase == "objects");
    CHECK(series.verb == "create");
    CHECK(series.resource == "secrets");
    CHECK(series.operations == 3);
    CHECK(series.operations_failed == 1);
    CHECK(series.attempts == 3);
    CHECK(series.attempts_failed == 2);
    CHECK(series.retries == 1);
    CHECK(series.statuses == results::Counts{{"201", 1}, {"500", 1}});
    CHECK(series.errors == results::Counts{{"reset", 1}});
    CHECK(series.retries_by_cause == results::Counts{{"http_500", 1}});
    CHECK(series.failures_by_cause == results::Counts{{"reset", 1}});
    CHECK(series.backoff_seconds == doctest::Approx(1.5));
    CHECK(series.connections_new == 3);
    CHECK(series.bytes_sent == 30);
    CHECK(series.bytes_received == 60);
    CHECK(series.late_sends == 1);
    CHECK(series.dropped_sends == 1);
    CHECK(*series.throughput_per_second == doctest::Approx(0.5));
    CHECK(*series.operation_latency.max_seconds == doctest::Approx(4));
    CHECK(*series.attempt_latency.max_seconds == doctest::Approx(0.011));
    CHECK(*series.connection_wait.max_seconds == doctest::Approx(0.001));
    CHECK(*series.connect.max_seconds == doctest::Approx(0.003));
    CHECK(*series.time_to_first_byte.max_seconds == doctest::Approx(0.006));
    CHECK(*series.body.max_seconds == doctest::Approx(0.002));
}

TEST_CASE("throughput needs two successful operations") {
    stats::Recorder recorder(origin);
    const auto id = recorder.series("projects", stats::Verb::create, "projects");
    recorder.operation_started(id, origin);
    recorder.operation_finished(id, origin, origin, origin + 2s, true);
    CHECK_FALSE(results::request_series(recorder).at(0).throughput_per_second);
}

TEST_CASE("the time line becomes points in seconds") {
    stats::Timeline timeline(origin);
    const auto phase = timeline.phase("objects");
    timeline.started(phase, origin + 2500ms);
    timeline.finished(phase, origin + 2700ms, 200ms, false);
    timeline.started(phase, origin + 3s);
    const auto points = results::timeline(timeline);
    REQUIRE(points.size() == 2);
    CHECK(points[0].offset_seconds == 2);
    CHECK(points[0].interval_seconds == 1);
    CHECK(points[0].phase == "objects");
    CHECK(points[0].started == 1);
    CHECK(points[0].finished == 1);
    CHECK(points[0].failed == 1);
    CHECK(points[0].in_flight == 0);
    CHECK(*points[0].p50_seconds == doctest::Approx(0.2).epsilon(0.01));
    CHECK(points[1].in_flight == 1);
    CHECK_FALSE(points[1].p99_seconds);
}

TEST_CASE("the client's judgement is carried over") {
    stats::Recorder recorder(origin);
    stats::ClientMonitor monitor;
    results::Client client;
    client.connections_opened = 7;
    results::fill_client(client, monitor, recorder);
    CHECK_FALSE(client.cpu_share);
    CHECK_FALSE(client.saturated_share);
    CHECK_FALSE(client.run_delay_share);
    CHECK(client.limit == "none");

    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    recorder.operation_started(id, origin);
    recorder.operation_started(id, origin);
    monitor.sample(origin, {0s, 0s});
    monitor.probe(0ms, true);
    monitor.sample(origin + 3s, {300ms, 100ms});
    monitor.probe(25ms, true);
    monitor.sample(origin + 4s, {400ms, 600ms});
    results::fill_client(client, monitor, recorder);
    CHECK(*client.cpu_share == doctest::Approx(0.1));
    CHECK(*client.run_delay_share == doctest::Approx(0.15));
    CHECK(*client.saturated_share == 0);
    CHECK(*client.starved_share == doctest::Approx(0.25));
    CHECK(client.limit == "starved");
    CHECK(*client.peak_in_flight == 2);
    CHECK(client.event_loop_lag.count == 2);
    CHECK(client.connections_opened == 7);
}

TEST_CASE("a snapshot without figures is a warning") {
    results::Metrics metrics;
    CHECK(results::snapshot_warnings(metrics).empty());
    metrics.baseline =
        results::Snapshot{.apiserver_cpu_cores = 0.1, .apiserver_mem_bytes = 1e6, .etcd_mem_bytes = 2e6};
    metrics.baseline->evidence["etcd_cpu_cores"].reason = "VictoriaMetrics did not answer";
    metrics.after_secrets = results::Snapshot{};
    CHECK(results::snapshot_warnings(metrics) ==
          std::vector<std::string>{
              "The snapshot of the baseline lacks 1 of its 4 figures: VictoriaMetrics did not answer.",
              "The snapshot after objects lacks 4 of its 4 figures."});
}

TEST_CASE("a baseline that was taken under another load is a warning") {
    results::Metrics metrics;
    metrics.baseline = results::Snapshot{.apiserver_cpu_cores = 0.861, .etcd_cpu_cores = 0.2};
    metrics.after_projects = results::Snapshot{.apiserver_mem_bytes = 1e6, .etcd_cpu_cores = 0.15};
    CHECK(results::snapshot_warnings(metrics).size() == 2);  // both lack figures

    const auto whole = [](double apiserver_cores, double etcd_cores) {
        return results::Snapshot{.apiserver_cpu_cores = apiserver_cores,
                                 .apiserver_mem_bytes = 1e6,
                                 .etcd_cpu_cores = etcd_cores,
                                 .etcd_mem_bytes = 1e6};
    };
    metrics.baseline = whole(0.861, 0.2);
    metrics.after_projects = whole(0.044, 0.15);
    CHECK(
        results::snapshot_warnings(metrics) ==
        std::vector<std::string>{
            "The control plane was not idle in the baseline (apiserver used 0.861 cores, and 44.0 mcores "
            "after Projects), so the cost of a Project is too low: start a run a MEASURE_WINDOW after other "
            "load, such as a cleanup, has ended."});
    metrics.after_projects->apiserver_cpu_cores = 0.65;
    CHECK(results::snapshot_warnings(metrics).empty());
    metrics.baseline->etcd_cpu_cores = 0.26;
    CHECK(results::snapshot_warnings(metrics).front().find("(etcd used 0.260 cores") != std::string::npos);
}

TEST_CASE("a limited client's warning says why and what to do") {
    results::Client client{
        .cpu_share = 0.08, .run_delay_share = 0.31, .saturated_share = 0.01, .starved_share = 0.6};
    CHECK_FALSE(results::client_warning(client));
    client.limit = "starved";
    CHECK(
        *results::client_warning(client) ==
        "The client was starved in 60.0 % of the load time (it used 8.00 % of a core and waited for one in "
        "31.0 %): "
        "other programs used the CPU, or a CPU limit held it back, and latencies contain that wait, so give "
        "it a "
        "core of its own.");
    client.run_delay_share.reset();
    CHECK(results::client_warning(client)->find("(it used 8.00 % of a core):") != std::string::npos);
    client = {.cpu_share = 0.97, .saturated_share = 0.9, .starved_share = 0.05, .limit = "saturated"};
    CHECK(results::client_warning(client)->find("saturated in 90.0 % of the load time (97.0 % of a core") !=
          std::string::npos);
}
