#include "stats/timeline.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace milo_perf::stats {

namespace {

std::uint32_t capped(std::uint64_t count) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(count, std::numeric_limits<std::uint32_t>::max()));
}

}  // namespace

Timeline::Timeline(TimePoint origin, std::size_t max_points)
    : origin_(origin), max_points_(std::max<std::size_t>(max_points, 2)) {}

Timeline::PhaseId Timeline::phase(std::string_view name) {
    for (std::size_t i = 0; i < phases_.size(); ++i) {
        if (phases_[i].name == name) return {i};
    }
    phases_.emplace_back(name);
    return {phases_.size() - 1};
}

void Timeline::started(PhaseId id, TimePoint at) {
    Phase& phase = phases_[id.index];
    Interval& interval = advance(phase, at);
    ++interval.started;
    interval.in_flight = ++phase.in_flight;
}

void Timeline::finished(PhaseId id, TimePoint at, Duration latency, bool ok) {
    Phase& phase = phases_[id.index];
    Interval& interval = advance(phase, at);
    ++interval.finished;
    if (!ok) ++interval.failed;
    if (phase.in_flight > 0) --phase.in_flight;
    interval.in_flight = phase.in_flight;
    phase.current.record(latency);
}

void Timeline::cancelled(PhaseId id, TimePoint at) {
    Phase& phase = phases_[id.index];
    Interval& interval = advance(phase, at);
    if (phase.in_flight > 0) --phase.in_flight;
    interval.in_flight = phase.in_flight;
}

/// Closes intervals until the one of `at` is open. Widening changes the interval's length on the way.
Timeline::Interval& Timeline::advance(Phase& phase, TimePoint at) {
    // Nearly always it is the open one, and dividing costs more than all the rest.
    if (phase.open && at < phase.open_until) return *phase.open;
    const Duration offset = std::max(Duration{}, Duration(at - origin_));
    if (!phase.open) phase.open.emplace().number = offset / interval_;
    while (phase.open->number < offset / interval_) {
        const std::int64_t next = phase.open->number + 1;
        close(phase);
        phase.open.emplace();
        phase.open->number = next;
        phase.open->in_flight = phase.in_flight;
        if (closed_points_ > max_points_) widen();
    }
    phase.open_until = origin_ + (phase.open->number + 1) * interval_;
    return *phase.open;
}

void Timeline::close(Phase& phase) {
    phase.open->bins = bins_of(phase.current);
    phase.current.clear();
    phase.closed.push_back(std::move(*phase.open));
    phase.open.reset();
    ++closed_points_;
}

/// Doubles the interval of all phases and merges the neighbours that now share one.
void Timeline::widen() {
    interval_ *= 2;
    closed_points_ = 0;
    for (Phase& phase : phases_) {
        std::vector<Interval> merged;
        merged.reserve(phase.closed.size() / 2 + 1);
        for (Interval& interval : phase.closed) {
            interval.number /= 2;
            if (!merged.empty() && merged.back().number == interval.number) {
                merge_into(merged.back(), interval);
            } else {
                merged.push_back(std::move(interval));
            }
        }
        if (phase.open) {
            phase.open->number /= 2;
            if (!merged.empty() && merged.back().number == phase.open->number) {
                const Interval& begun = merged.back();
                phase.open->started += begun.started;
                phase.open->finished += begun.finished;
                phase.open->failed += begun.failed;
                for (const Bin& bin : begun.bins) {
                    phase.current.record(Duration(compact_layout().median_at(bin.index)), bin.count);
                }
                merged.pop_back();
            }
        }
        phase.closed = std::move(merged);
        closed_points_ += phase.closed.size();
    }
}

void Timeline::merge_into(Interval& earlier, const Interval& later) {
    earlier.started += later.started;
    earlier.finished += later.finished;
    earlier.failed += later.failed;
    earlier.in_flight = later.in_flight;
    std::vector<Bin> bins;
    bins.reserve(earlier.bins.size() + later.bins.size());
    auto a = earlier.bins.begin();
    auto b = later.bins.begin();
    while (a != earlier.bins.end() && b != later.bins.end()) {
        if (a->index == b->index) {
            bins.push_back({a->index, capped(std::uint64_t{a->count} + b->count)});
            ++a;
            ++b;
        } else {
            bins.push_back(a->index < b->index ? *a++ : *b++);
        }
    }
    bins.insert(bins.end(), a, earlier.bins.end());
    bins.insert(bins.end(), b, later.bins.end());
    // Copied, so that thousands of intervals hold no spare room.
    earlier.bins = std::vector<Bin>(bins.begin(), bins.end());
}

std::vector<Timeline::Bin> Timeline::bins_of(const Histogram& histogram) {
    std::size_t used = 0;
    histogram.for_each([&](std::uint32_t, std::uint64_t) { ++used; });
    std::vector<Bin> bins;
    bins.reserve(used);
    histogram.for_each([&](std::uint32_t index, std::uint64_t times) {
        bins.push_back({index, capped(times)});
    });
    return bins;
}

Timeline::Point Timeline::point(const Phase& phase, const Interval& interval) const {
    Point point;
    point.phase = phase.name;
    point.offset = interval.number * interval_;
    point.interval = interval_;
    point.started = interval.started;
    point.finished = interval.finished;
    point.failed = interval.failed;
    point.in_flight = interval.in_flight;

    std::uint64_t total = 0;
    for (const Bin& bin : interval.bins) total += bin.count;
    const auto rank = [&](double share) {
        return std::max<std::uint64_t>(
            1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total))));
    };
    std::uint64_t seen = 0;
    for (const Bin& bin : interval.bins) {
        seen += bin.count;
        const Duration value(compact_layout().median_at(bin.index));
        if (!point.p50 && seen >= rank(0.50)) point.p50 = value;
        if (!point.p99 && seen >= rank(0.99)) point.p99 = value;
    }
    return point;
}

std::vector<Timeline::Point> Timeline::points() const {
    std::vector<Point> points;
    points.reserve(closed_points_ + phases_.size());
    for (const Phase& phase : phases_) {
        for (const Interval& interval : phase.closed) points.push_back(point(phase, interval));
        if (!phase.open) continue;
        Interval open = *phase.open;
        open.bins = bins_of(phase.current);
        points.push_back(point(phase, open));
    }
    return points;
}

std::optional<Timeline::Point> Timeline::latest(PhaseId id, TimePoint now) const {
    const Phase& phase = phases_[id.index];
    const std::int64_t over = std::max(Duration{}, Duration(now - origin_)) / interval_ - 1;
    if (!phase.open || over < 0) return std::nullopt;
    if (phase.open->number == over) {
        Interval open = *phase.open;
        open.bins = bins_of(phase.current);
        return point(phase, open);
    }
    if (phase.open->number < over) {
        // Nothing has happened since: that is what the newest interval says.
        Interval quiet{};
        quiet.number = over;
        quiet.in_flight = phase.in_flight;
        return point(phase, quiet);
    }
    if (phase.closed.empty()) return std::nullopt;
    return point(phase, phase.closed.back());
}

}  // namespace milo_perf::stats
