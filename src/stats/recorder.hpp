#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "stats/attempt.hpp"
#include "stats/histogram.hpp"
#include "stats/tally.hpp"
#include "stats/timeline.hpp"
#include "stats/verb.hpp"

namespace milo_perf::stats {

/// Handle of a series: cheap to copy, valid as long as its recorder.
struct SeriesId {
    std::size_t index = 0;
};

/// What operations are made for.
enum class Purpose : std::uint8_t {
    /// They are what is measured.
    load,
    /// Checks, look-ups, the watch of readiness: a run needs them, and nobody asks how fast they are.
    support
};

/// Everything counted for one phase, verb and resource.
struct Series {
    std::string phase;
    Verb verb = Verb::create;
    std::string resource;
    Purpose purpose = Purpose::load;
    Timeline::PhaseId timeline_phase;

    std::uint64_t operations_started = 0;
    std::uint64_t operations_finished = 0;
    std::uint64_t operations_failed = 0;
    /// Begun, and given up by the client itself; not among the finished ones.
    std::uint64_t operations_cancelled = 0;
    std::uint64_t attempts = 0;
    std::uint64_t attempts_failed = 0;
    /// Without a latency, a status or an error.
    std::uint64_t attempts_cancelled = 0;
    std::uint64_t retries = 0;
    std::uint64_t connections_new = 0;
    std::uint64_t connections_reused = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    /// Objects that lists returned.
    std::uint64_t items = 0;
    std::uint64_t late_sends = 0;
    std::uint64_t dropped_sends = 0;
    Duration backoff{};

    /// Every attempt stands in exactly one of the two: by its HTTP status, or by its error category when no
    /// answer came or a good one broke off.
    Tally<int> statuses;
    Tally<std::string_view> errors;
    Tally<std::string_view> retries_by_cause;
    Tally<std::string_view> failures_by_cause;

    std::optional<TimePoint> first_start;
    std::optional<TimePoint> last_end;

    /// From the planned start to the end of the last attempt: waiting for a slot, every attempt and every
    /// back-off included. Failed operations count too: leaving out the ones that timed out would flatter.
    Histogram operation_latency;
    /// One attempt by itself, without its wait in the client: from connecting (or from having a kept-alive
    /// connection) to the end of the answer or failure.
    Histogram attempt_latency;
    /// In the client's queue for a connection; connecting itself is not in it.
    Histogram connection_wait;
    /// Name look-up, TCP connect, tunnel through a proxy and TLS handshake of new connections.
    Histogram connect;
    /// From having a connection (sending) to the first byte of the answer.
    Histogram time_to_first_byte;
    /// From the first to the last byte of the answer.
    Histogram body;

    std::uint64_t in_flight() const {
        return operations_started - operations_finished - operations_cancelled;
    }
    std::uint64_t operations_ok() const { return operations_finished - operations_failed; }
};

/// Sees every attempt and operation of a run; all reports are made from it. One thread. After a series exists
/// the recording calls do not allocate, but for the time line once per interval.
class Recorder {
  public:
    /// `origin` is the start of the run, from which the time line counts.
    explicit Recorder(TimePoint origin);

    /// The series of a phase, verb and resource ("secrets", …); made when it is new. One that is asked for as
    /// load and as support is load.
    SeriesId series(std::string_view phase, Verb verb, std::string_view resource,
                    Purpose purpose = Purpose::load);

    /// One attempt has ended. `attempt.error` must live forever (static storage).
    void attempt(SeriesId id, const Attempt& attempt);

    /// An attempt will be followed by another after `backoff`. `cause` has static storage.
    void retry(SeriesId id, std::string_view cause, Duration backoff);

    /// An operation begins now.
    void operation_started(SeriesId id, TimePoint now);

    /// An operation has ended. `planned` is when it was due (equal to `started` in closed loop); latency
    /// counts from there. `cause` (static storage) says why it failed, empty when `ok`; what was `cancelled`
    /// has neither failed nor a latency.
    void operation_finished(SeriesId id, TimePoint planned, TimePoint started, TimePoint finished, bool ok,
                            std::string_view cause = {});

    /// A list has returned so many objects.
    void items(SeriesId id, std::uint64_t count);

    /// Open loop: an operation started late, or was given up before it was sent.
    void late(SeriesId id);
    void dropped(SeriesId id);

    const Series& at(SeriesId id) const { return series_[id.index]; }
    /// In the order of their creation.
    const std::deque<Series>& all() const { return series_; }
    const Timeline& timeline() const { return timeline_; }
    /// Operations in flight now, over all series, and the most there ever were.
    std::uint64_t in_flight() const { return in_flight_; }
    std::uint64_t peak_in_flight() const { return peak_in_flight_; }

  private:
    Timeline timeline_;
    std::deque<Series> series_;
    std::uint64_t in_flight_ = 0;
    std::uint64_t peak_in_flight_ = 0;
};

}  // namespace milo_perf::stats
