#include "stats/recorder.hpp"

#include <doctest/doctest.h>

using namespace milo_perf;
using namespace std::chrono_literals;
using stats::Attempt;
using stats::Recorder;

namespace {

const TimePoint origin{1000s};

/// A new connection: 1 ms in the queue, 4 ms to connect, 10 ms to the first byte, 2 ms of body.
Attempt new_connection(int status, std::string_view error = {}) {
    Attempt attempt;
    attempt.planned = attempt.started = origin;
    attempt.connect = 4ms;
    attempt.connected = origin + 5ms;
    attempt.first_byte = origin + 15ms;
    attempt.finished = origin + 17ms;
    attempt.bytes_sent = 100;
    attempt.bytes_received = 300;
    attempt.status = status;
    attempt.error = error;
    return attempt;
}

Attempt reused_connection(int status) {
    Attempt attempt = new_connection(status);
    attempt.reused = true;
    attempt.connect = {};
    return attempt;
}

}  // namespace

TEST_CASE("a series is found again by phase, verb and resource") {
    Recorder recorder(origin);
    const auto secrets = recorder.series("objects", stats::Verb::create, "secrets");
    const auto configmaps = recorder.series("objects", stats::Verb::create, "configmaps");
    CHECK(secrets.index != configmaps.index);
    CHECK(recorder.series("objects", stats::Verb::create, "secrets").index == secrets.index);
    CHECK(recorder.series("cleanup", stats::Verb::create, "secrets").index != secrets.index);
    CHECK(recorder.all().size() == 3);
}

TEST_CASE("an attempt is split where it can be seen") {
    Recorder recorder(origin);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    recorder.attempt(id, new_connection(201));
    const auto& series = recorder.at(id);
    CHECK(*series.connection_wait.max() == 1ms);
    CHECK(*series.connect.max() == 4ms);
    CHECK(*series.time_to_first_byte.max() == 10ms);
    CHECK(*series.body.max() == 2ms);
    CHECK(*series.attempt_latency.max() == 16ms);
    CHECK(series.connections_new == 1);
    CHECK(series.connections_reused == 0);
    CHECK(series.bytes_sent == 100);
    CHECK(series.bytes_received == 300);
}

TEST_CASE("a reused connection has no connect time") {
    Recorder recorder(origin);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    recorder.attempt(id, reused_connection(201));
    const auto& series = recorder.at(id);
    CHECK(series.connect.empty());
    CHECK(*series.connection_wait.max() == 5ms);
    CHECK(*series.attempt_latency.max() == 12ms);
    CHECK(series.connections_reused == 1);
}

TEST_CASE("an attempt that never got a connection has only its latency") {
    Recorder recorder(origin);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    Attempt attempt;
    attempt.started = origin;
    attempt.finished = origin + 3s;
    attempt.error = "connect_timeout";
    recorder.attempt(id, attempt);
    const auto& series = recorder.at(id);
    CHECK(*series.attempt_latency.max() == 3s);
    CHECK(series.connection_wait.empty());
    CHECK(series.time_to_first_byte.empty());
    CHECK(series.connections_new == 0);
    CHECK(series.errors["connect_timeout"] == 1);
}

TEST_CASE("every attempt is counted once, by status or by error") {
    Recorder recorder(origin);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    recorder.attempt(id, new_connection(201));
    recorder.attempt(id, new_connection(201));
    recorder.attempt(id, new_connection(500, "http_500"));
    recorder.attempt(id, new_connection(429, "throttled"));
    recorder.attempt(id, new_connection(0, "reset"));
    recorder.attempt(id, new_connection(200, "closed"));
    const auto& series = recorder.at(id);
    CHECK(series.attempts == 6);
    CHECK(series.attempts_failed == 4);
    CHECK(series.statuses[201] == 2);
    CHECK(series.statuses[500] == 1);
    CHECK(series.statuses[429] == 1);
    CHECK(series.statuses[200] == 0);
    CHECK(series.errors["reset"] == 1);
    CHECK(series.errors["closed"] == 1);
    CHECK(series.errors.entries().size() == 2);
}

TEST_CASE("an operation's latency counts from its planned start, with retries and failures") {
    Recorder recorder(origin);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    recorder.operation_started(id, origin + 500ms);
    CHECK(recorder.in_flight() == 1);
    recorder.retry(id, "http_500", 250ms);
    recorder.retry(id, "http_500", 500ms);
    recorder.retry(id, "reset", 1s);
    recorder.operation_finished(id, origin, origin + 500ms, origin + 3s, true);
    recorder.operation_started(id, origin + 1s);
    recorder.operation_finished(id, origin + 1s, origin + 1s, origin + 8s, false, "timeout");

    const auto& series = recorder.at(id);
    CHECK(*series.operation_latency.min() == 3s);
    CHECK(*series.operation_latency.max() == 7s);
    CHECK(series.operations_finished == 2);
    CHECK(series.operations_failed == 1);
    CHECK(series.operations_ok() == 1);
    CHECK(series.failures_by_cause["timeout"] == 1);
    CHECK(series.retries == 3);
    CHECK(series.retries_by_cause["http_500"] == 2);
    CHECK(series.backoff == 1750ms);
    CHECK(*series.first_start == origin + 500ms);
    CHECK(*series.last_end == origin + 8s);
    CHECK(recorder.in_flight() == 0);
    CHECK(recorder.peak_in_flight() == 1);
}

TEST_CASE("what the client gave up itself is no failure, and is in flight no more") {
    Recorder recorder(origin);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    recorder.operation_started(id, origin);
    recorder.operation_started(id, origin);
    recorder.attempt(id, new_connection(0, stats::cancelled));
    recorder.operation_finished(id, origin, origin, origin + 1s, false, stats::cancelled);
    const auto& series = recorder.at(id);
    CHECK(series.operations_cancelled == 1);
    CHECK(series.operations_finished == 0);
    CHECK(series.operations_failed == 0);
    CHECK(series.failures_by_cause.entries().empty());
    CHECK(series.operation_latency.empty());
    CHECK(series.in_flight() == 1);
    CHECK(series.attempts == 1);
    CHECK(series.attempts_cancelled == 1);
    CHECK(series.attempts_failed == 0);
    CHECK(series.errors.entries().empty());
    CHECK(series.attempt_latency.empty());
    CHECK(recorder.in_flight() == 1);
    const auto points = recorder.timeline().points();
    REQUIRE(points.size() == 2);
    CHECK(points[0].in_flight == 2);
    CHECK(points[1].in_flight == 1);
    CHECK(points[1].finished == 0);
    CHECK(points[1].failed == 0);
}

TEST_CASE("late and dropped sends are counted by series") {
    Recorder recorder(origin);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    recorder.late(id);
    recorder.late(id);
    recorder.dropped(id);
    CHECK(recorder.at(id).late_sends == 2);
    CHECK(recorder.at(id).dropped_sends == 1);
}

TEST_CASE("operations appear in the time line of their phase") {
    Recorder recorder(origin);
    const auto secrets = recorder.series("objects", stats::Verb::create, "secrets");
    const auto configmaps = recorder.series("objects", stats::Verb::create, "configmaps");
    recorder.operation_started(secrets, origin);
    recorder.operation_started(configmaps, origin + 100ms);
    recorder.operation_finished(secrets, origin, origin, origin + 200ms, true);
    const auto points = recorder.timeline().points();
    REQUIRE(points.size() == 1);
    CHECK(points[0].phase == "objects");
    CHECK(points[0].started == 2);
    CHECK(points[0].finished == 1);
    CHECK(points[0].in_flight == 1);
}
