#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "load/arrival_schedule.hpp"

namespace milo_perf::load {

struct OpenLoopLimits {
    /// Operations in flight at most.
    std::uint64_t max_in_flight = 1000;
    /// A send this much after its planned start is late.
    Duration late_after = std::chrono::milliseconds(10);
    /// A send this much after its planned start is not made any more; empty: however late, it is made.
    std::optional<Duration> drop_after;
    /// This long after the schedule's expected end nothing is sent any more; the rest is dropped.
    Duration end_grace = std::chrono::seconds(60);
};

/// Decides what an open-loop phase does next and keeps its accounts. At the limit sends wait for a slot in
/// planned order, so latencies from the planned start contain that wait; late and dropped sends are counted.
///
/// The driver asks next(now) in a loop, does what it says, and tells of every end with finished().
class OpenLoop {
  public:
    enum class Action {
        /// Start an operation now; it was due at Step::at.
        send,
        /// Nothing is due before Step::at.
        wait_until,
        /// The limit is reached: ask again when an operation has finished, at Step::at at the latest.
        wait_for_slot,
        /// The operation due at Step::at is given up; ask again.
        drop,
        /// All arrivals are sent or dropped.
        done
    };

    struct Step {
        Action action = Action::done;
        std::optional<TimePoint> at;
        /// For `send`: later than late_after.
        bool late = false;
    };

    OpenLoop(ArrivalSchedule schedule, OpenLoopLimits limits);

    Step next(TimePoint now);
    void finished();

    std::uint64_t sent() const { return sent_; }
    std::uint64_t late() const { return late_; }
    std::uint64_t dropped() const { return dropped_; }
    /// Arrivals that the profile never gave (it ended at rate 0); known once done.
    std::uint64_t never_due() const;
    std::uint64_t in_flight() const { return in_flight_; }

  private:
    /// When the arrival planned then is no longer sent.
    TimePoint given_up_at(TimePoint planned) const;

    ArrivalSchedule schedule_;
    OpenLoopLimits limits_;
    TimePoint end_;
    std::uint64_t sent_ = 0;
    std::uint64_t late_ = 0;
    std::uint64_t dropped_ = 0;
    std::uint64_t in_flight_ = 0;
};

}  // namespace milo_perf::load
