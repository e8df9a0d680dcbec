#include "stats/recorder.hpp"

#include <algorithm>

namespace milo_perf::stats {

namespace {

bool reached(TimePoint point) {
    return point != TimePoint{};
}

bool is_good(int status) {
    return status > 0 && status < 400;
}

}  // namespace

Recorder::Recorder(TimePoint origin) : timeline_(origin) {}

SeriesId Recorder::series(std::string_view phase, Verb verb, std::string_view resource, Purpose purpose) {
    for (std::size_t i = 0; i < series_.size(); ++i) {
        Series& known = series_[i];
        if (known.phase != phase || known.verb != verb || known.resource != resource) continue;
        if (purpose == Purpose::load) known.purpose = purpose;
        return {i};
    }
    Series& made = series_.emplace_back();
    made.phase = phase;
    made.verb = verb;
    made.resource = resource;
    made.purpose = purpose;
    made.timeline_phase = timeline_.phase(phase);
    return {series_.size() - 1};
}

void Recorder::attempt(SeriesId id, const Attempt& attempt) {
    Series& series = series_[id.index];
    ++series.attempts;
    series.bytes_sent += attempt.bytes_sent;
    series.bytes_received += attempt.bytes_received;
    if (attempt.error == cancelled) {
        ++series.attempts_cancelled;
        return;
    }
    const bool failed = !attempt.error.empty();
    if (failed) ++series.attempts_failed;
    // A good status with an error is an answer that broke off: the error says more.
    if (failed && (attempt.status == 0 || is_good(attempt.status))) {
        series.errors.add(attempt.error);
    } else {
        series.statuses.add(attempt.status);
    }
    if (!reached(attempt.started)) return;
    if (!reached(attempt.connected)) {
        series.attempt_latency.record(attempt.finished - attempt.started);
        return;
    }
    const TimePoint begun = attempt.connected - attempt.connect;
    series.connection_wait.record(std::max(begun - attempt.started, Duration{}));
    series.attempt_latency.record(attempt.finished - begun);
    if (attempt.reused) {
        ++series.connections_reused;
    } else {
        ++series.connections_new;
        series.connect.record(attempt.connect);
    }
    if (!reached(attempt.first_byte)) return;
    series.time_to_first_byte.record(attempt.first_byte - attempt.connected);
    series.body.record(attempt.finished - attempt.first_byte);
}

void Recorder::retry(SeriesId id, std::string_view cause, Duration backoff) {
    Series& series = series_[id.index];
    ++series.retries;
    series.retries_by_cause.add(cause);
    series.backoff += backoff;
}

void Recorder::operation_started(SeriesId id, TimePoint now) {
    Series& series = series_[id.index];
    ++series.operations_started;
    if (!series.first_start) series.first_start = now;
    peak_in_flight_ = std::max(peak_in_flight_, ++in_flight_);
    timeline_.started(series.timeline_phase, now);
}

void Recorder::operation_finished(SeriesId id, TimePoint planned, TimePoint started, TimePoint finished,
                                  bool ok, std::string_view cause) {
    Series& series = series_[id.index];
    if (in_flight_ > 0) --in_flight_;
    if (cause == cancelled) {
        ++series.operations_cancelled;
        timeline_.cancelled(series.timeline_phase, finished);
        return;
    }
    ++series.operations_finished;
    if (!ok) {
        ++series.operations_failed;
        series.failures_by_cause.add(cause.empty() ? std::string_view("unknown") : cause);
    }
    series.first_start = std::min(series.first_start.value_or(started), started);
    series.last_end = std::max(series.last_end.value_or(finished), finished);
    // A plan later than the start (a clock reading apart) must not make a latency shorter than it was.
    const Duration latency = finished - std::min(planned, started);
    series.operation_latency.record(latency);
    timeline_.finished(series.timeline_phase, finished, latency, ok);
}

void Recorder::items(SeriesId id, std::uint64_t count) {
    series_[id.index].items += count;
}

void Recorder::late(SeriesId id) {
    ++series_[id.index].late_sends;
}

void Recorder::dropped(SeriesId id) {
    ++series_[id.index].dropped_sends;
}

}  // namespace milo_perf::stats
