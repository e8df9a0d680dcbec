#include "metrics/exposition.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "metrics/text_writer.hpp"
#include "openmetrics_checker.hpp"

namespace milo_perf::metrics {
using namespace std::chrono_literals;
using test::openmetrics_problem;

namespace {

bool has_line(const std::string& text, const std::string& line) {
    return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

void record_two_creates(stats::Recorder& recorder, TimePoint origin) {
    const stats::SeriesId id = recorder.series("secrets", stats::Verb::create, "secrets");
    for (const Duration latency : {Duration(3ms), Duration(400ms)}) {
        recorder.operation_started(id, origin);
        stats::Attempt attempt;
        attempt.planned = attempt.started = attempt.connected = origin;
        attempt.first_byte = attempt.finished = origin + latency;
        attempt.status = latency < 10ms ? 201 : 0;
        attempt.error = latency < 10ms ? "" : "reset";
        attempt.bytes_sent = 100;
        recorder.attempt(id, attempt);
        recorder.operation_finished(id, origin, origin, origin + latency, latency < 10ms, attempt.error);
    }
}

}  // namespace

TEST_CASE("the live text is OpenMetrics, before and after there is data") {
    const TimePoint origin = Clock::now();
    stats::Recorder recorder(origin);
    LiveState state{.test_id = "ab\"c\\d\ne", .phase = "secrets", .projects_wanted = 3};
    CHECK(openmetrics_problem(openmetrics_text(recorder, state)) == "");
    record_two_creates(recorder, origin);
    state.test_id = "t1";
    state.client_cpu_share = 0.25;
    const std::string text = openmetrics_text(recorder, state);
    CHECK(openmetrics_problem(text) == "");
    const std::string labels = R"(test_id="t1",phase="secrets",verb="create",resource="secrets")";
    CHECK(has_line(text, "milo_perf_operations_total{" + labels + R"(,outcome="ok"} 1)"));
    CHECK(has_line(text, "milo_perf_operations_total{" + labels + R"(,outcome="failed"} 1)"));
    CHECK(has_line(text, "milo_perf_attempts_total{" + labels + R"(,status="201"} 1)"));
    CHECK(has_line(text, "milo_perf_attempts_total{" + labels + R"(,error="reset"} 1)"));
    CHECK(has_line(text, "milo_perf_sent_bytes_total{" + labels + "} 200"));
    CHECK(has_line(text, "milo_perf_operation_latency_seconds_bucket{" + labels + R"(,le="0.005"} 1)"));
    CHECK(has_line(text, "milo_perf_operation_latency_seconds_bucket{" + labels + R"(,le="0.5"} 2)"));
    CHECK(has_line(text, "milo_perf_operation_latency_seconds_bucket{" + labels + R"(,le="1.0"} 2)"));
    CHECK(has_line(text, "milo_perf_operation_latency_seconds_count{" + labels + "} 2"));
    CHECK(has_line(text, "milo_perf_client_cpu_ratio{test_id=\"t1\"} 0.25"));
    CHECK(has_line(text, "# TYPE milo_perf_operations counter"));
}

TEST_CASE("the checker sees what breaks the rules") {
    CHECK(openmetrics_problem("# TYPE a counter\na_total 1\n") == "no # EOF");
    CHECK(openmetrics_problem("# TYPE a counter\na 1\n# EOF\n") != "");
    CHECK(openmetrics_problem("# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 2\n# EOF\n") != "");
    CHECK(openmetrics_problem("# TYPE a gauge\n# TYPE b gauge\n# TYPE a gauge\n# EOF\n") != "");
    CHECK(openmetrics_problem("# TYPE a gauge\n# UNIT a seconds\n# EOF\n") != "");
    CHECK(openmetrics_problem(
              "# TYPE a histogram\na_bucket{le=\"1.0\"} 2\na_bucket{le=\"+Inf\"} 1\na_count 1\n# EOF\n") !=
          "");
    CHECK(openmetrics_problem("# TYPE a gauge\na{x=\"\"1\"} 1\n# EOF\n") != "");
}

TEST_CASE("numbers and labels as the text formats take them") {
    CHECK(exposition_number(1) == "1");
    CHECK(exposition_number(0.1) == "0.1");
    CHECK(exposition_number(1.0 / 0.0) == "+Inf");
    CHECK(exposition_labels({}) == "");
    CHECK(exposition_labels({{"a", "x\"y\\z\n"}, {"b", ""}, {"c", "d"}}) == R"({a="x\"y\\z\n",c="d"})");
}

TEST_CASE("a finished run is pushed with its test id and the times of what happened") {
    results::Run run;
    run.test_id = "0123abcd";
    run.outcome = results::Outcome::completed;
    run.duration_seconds = 100;
    results::Snapshot snapshot;
    snapshot.apiserver_cpu_cores = 0.5;
    snapshot.offset_seconds = 2.5;
    run.metrics.baseline = snapshot;
    run.timeline.push_back(
        {.offset_seconds = 10, .interval_seconds = 2, .phase = "secrets", .started = 8, .in_flight = 3});
    results::RequestSeries series;
    series.phase = "secrets";
    series.verb = "create";
    series.resource = "secrets";
    series.operations = 7;
    series.operation_latency.p99_seconds = 0.25;
    run.requests.push_back(series);
    const std::string text = push_text(run, WallTime(std::chrono::seconds(1'700'000'000)));
    CHECK(has_line(
        text,
        R"(milo_perf_snapshot_apiserver_cpu_cores{test_id="0123abcd",snapshot="baseline"} 0.5 1700000002500)"));
    CHECK(has_line(text,
                   R"(milo_perf_started_per_second{test_id="0123abcd",phase="secrets"} 4 1700000012000)"));
    CHECK(has_line(text, R"(milo_perf_in_flight{test_id="0123abcd",phase="secrets"} 3 1700000012000)"));
    CHECK(has_line(
        text,
        R"(milo_perf_operation_latency_seconds{test_id="0123abcd",phase="secrets",verb="create",resource="secrets",quantile="0.99"} 0.25 1700000100000)"));
    CHECK(has_line(
        text,
        R"(milo_perf_operations{test_id="0123abcd",phase="secrets",verb="create",resource="secrets"} 7 1700000100000)"));
    // What is missing is left out, never 0.
    CHECK(text.find("etcd_cpu_cores") == std::string::npos);
    CHECK(text.find("projects_ready_seconds{") == std::string::npos);
    CHECK(text.find("latency_p99_seconds") == std::string::npos);
}

}  // namespace milo_perf::metrics
