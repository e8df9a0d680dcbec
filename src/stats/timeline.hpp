#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "stats/histogram.hpp"

namespace milo_perf::stats {

/// What happened per interval and phase, over a run of any length.
///
/// Intervals begin at one second. When all phases together have more than `max_points`, the interval doubles
/// (2 s, 4 s, …) and neighbours are merged. Each closed interval keeps its used buckets of a 2-digit
/// histogram, so percentiles of merged intervals come from merged counts, never from averaged percentiles.
/// Memory: 8 bytes per used bucket. Latencies spread over two decades use at most some 850 of them, which
/// bounds 3,600 points to about 25 MiB.
class Timeline {
  public:
    struct PhaseId {
        std::size_t index = 0;
    };

    struct Point {
        std::string_view phase;
        /// Begin, from the origin.
        Duration offset{};
        Duration interval{};
        std::uint64_t started = 0;
        std::uint64_t finished = 0;
        /// Of the finished ones.
        std::uint64_t failed = 0;
        /// At the interval's end.
        std::uint64_t in_flight = 0;
        /// Latencies of the operations finished in it; empty when there were none. Within 1 %.
        std::optional<Duration> p50;
        std::optional<Duration> p99;
    };

    static constexpr std::size_t default_max_points = 3600;

    explicit Timeline(TimePoint origin, std::size_t max_points = default_max_points);

    /// The phase of that name; made when it is new.
    PhaseId phase(std::string_view name);

    /// Time must not run backwards by more than the current interval: an older time counts as the current
    /// interval's.
    void started(PhaseId id, TimePoint at);
    void finished(PhaseId id, TimePoint at, Duration latency, bool ok);
    /// One that was started is not in flight any more, and did not finish.
    void cancelled(PhaseId id, TimePoint at);

    /// All intervals from each phase's first to its last event, by phase, then time. Intervals in which
    /// nothing happened are there too: a stall is seen as such.
    std::vector<Point> points() const;

    /// The newest interval of a phase that is over at `now` (one without events included); empty before that.
    std::optional<Point> latest(PhaseId id, TimePoint now) const;

    Duration interval() const { return interval_; }

  private:
    struct Bin {
        std::uint32_t index;
        std::uint32_t count;
    };
    /// Without initialisers, which would leave it incomplete for std::optional in here; only ever made empty.
    struct Interval {
        std::int64_t number;
        std::uint64_t started;
        std::uint64_t finished;
        std::uint64_t failed;
        std::uint64_t in_flight;
        /// Ascending by index; empty for the open interval, whose counts stand in Phase::current.
        std::vector<Bin> bins;
    };
    struct Phase {
        explicit Phase(std::string_view phase_name) : name(phase_name), current(compact_layout()) {}
        std::string name;
        std::vector<Interval> closed;
        std::optional<Interval> open;
        /// Its end; at the earliest, when intervals were widened since.
        TimePoint open_until{};
        Histogram current;
        std::uint64_t in_flight = 0;
    };

    Interval& advance(Phase& phase, TimePoint at);
    void close(Phase& phase);
    void widen();
    static std::vector<Bin> bins_of(const Histogram& histogram);
    static void merge_into(Interval& earlier, const Interval& later);
    Point point(const Phase& phase, const Interval& interval) const;

    TimePoint origin_;
    std::size_t max_points_;
    Duration interval_ = std::chrono::seconds(1);
    std::size_t closed_points_ = 0;
    std::deque<Phase> phases_;
};

}  // namespace milo_perf::stats
