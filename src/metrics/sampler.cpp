#include "metrics/sampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/wait.hpp"
#include "metrics/unix_time.hpp"

namespace milo_perf::metrics {
namespace asio = boost::asio;

namespace {

/// Samples appear late (scrape interval, remote write): what is this young is left for a later round.
constexpr double settle_seconds = 30;
constexpr double shortest_pause_seconds = 5;
constexpr double finish_seconds = 30;
/// Instant queries per series at the end.
constexpr double most_hidden_points = 12;
/// With so many time-outs in a row the rest of a round is not worth waiting for.
constexpr int silent_in_a_row = 2;

double now_seconds() {
    return unix_seconds(WallClock::now());
}

bool all_zero(const QueryResult& result) {
    for (const Series& series : result.series) {
        for (const Point& point : series.points) {
            if (point.value.value_or(0) != 0) return false;
        }
    }
    return true;
}

void shift(std::vector<Series>& series, double by_seconds) {
    for (Series& each : series) {
        for (Point& point : each.points) point.time_seconds += by_seconds;
    }
}

}  // namespace

Sampler::Sampler(VictoriaMetrics& server, std::vector<SampleQuery> queries, double sample_seconds,
                 WallTime origin_wall, OnEvent on_event, double lead_seconds)
    : server_(server), sample_seconds_(sample_seconds), on_event_(std::move(on_event)) {
    if (sample_seconds > 0) lead_seconds_ = std::ceil(lead_seconds / sample_seconds) * sample_seconds;
    // Requests carry milliseconds.
    const double origin = std::round(unix_seconds(origin_wall) * 1000) / 1000;
    for (SampleQuery& query : queries) {
        followed_.push_back(
            {std::move(query), SampleGrid(origin - lead_seconds_, sample_seconds), std::nullopt});
    }
}

double Sampler::skew() const {
    return clock_ ? std::round(clock_->skew_seconds) : 0;
}

void Sampler::tell(const std::optional<std::string>& message) {
    if (message && on_event_) on_event_(*message);
}

void Sampler::tell_about(Followed& followed, const QueryResult& result) {
    if (result.status == QueryStatus::refused && !followed.refusal_told) {
        followed.refusal_told = true;
        tell(fmt::format("VictoriaMetrics refused the sampled query '{}': {}", followed.query.name,
                         result.reason));
    }
    if (followed.grid.overflowed() && !followed.overflow_told) {
        followed.overflow_told = true;
        tell(fmt::format("The sampled query '{}' has more than {} series; the rest is left out",
                         followed.query.name, SampleGrid::max_series));
    }
}

asio::awaitable<bool> Sampler::learn_clock() {
    const ClockResult found = co_await server_.clock();
    if (found.clock) {
        clock_ = found.clock;
        tell(availability_.answered(now_seconds()));
    } else {
        tell(availability_.silent(now_seconds(), found.reason));
    }
    co_return found.clock.has_value();
}

/// Asks the alternatives in turn until one has data other than zeros.
asio::awaitable<QueryResult> Sampler::fetch(Followed& followed, SampleGrid::Span span) {
    const std::vector<std::string>& queries = followed.query.queries;
    QueryResult best;
    best.status = QueryStatus::ok;
    for (std::size_t i = followed.chosen.value_or(0); i < queries.size(); ++i) {
        QueryResult result =
            co_await server_.query_range(queries[i], wall_time(span.first_seconds + skew()),
                                         wall_time(span.last_seconds + skew()), followed.grid.step_seconds());
        if (!result.ok()) co_return result;
        const bool has_data = !result.series.empty();
        const bool settled = has_data && !all_zero(result);
        if (settled) followed.chosen = i;
        if (settled || (has_data && best.series.empty())) best = std::move(result);
        if (followed.chosen) break;
    }
    shift(best.series, -skew());
    co_return best;
}

asio::awaitable<QueryStatus> Sampler::follow(Followed& followed, SampleGrid::Span span) {
    const QueryResult result = co_await fetch(followed, span);
    if (result.status != QueryStatus::unavailable) followed.grid.add(span, result.series);
    tell_about(followed, result);
    if (result.status == QueryStatus::unavailable) last_reason_ = result.reason;
    co_return result.status;
}

asio::awaitable<bool> Sampler::round(double end_seconds) {
    bool asked = false;
    bool answered = false;
    int silent = 0;
    for (Followed& followed : followed_) {
        // An outage can have left more than one span's worth.
        for (;;) {
            const SampleGrid::Span span = followed.grid.missing(end_seconds);
            if (span.empty()) break;
            asked = true;
            const QueryStatus status = co_await follow(followed, span);
            if (status == QueryStatus::unavailable) {
                ++silent;
                break;
            }
            answered = true;
            silent = 0;
        }
        if (silent == silent_in_a_row) break;
    }
    if (answered) {
        tell(availability_.answered(now_seconds()));
    } else if (asked) {
        tell(availability_.silent(now_seconds(), last_reason_));
    }
    co_return answered || !asked;
}

asio::awaitable<void> Sampler::run() {
    const double pause = std::max(sample_seconds_, shortest_pause_seconds);
    for (;;) {
        // Asked each time: it tells at once when the server is gone, though its newest data is not fetched
        // yet, and after a restart its settings may be others.
        const bool there = co_await learn_clock();
        if (there) {
            const double held_back = std::max(latency_offset(), settle_seconds);
            co_await round(now_seconds() - held_back);
        }
        co_await sleep_until(Clock::now() + from_seconds(pause));
    }
}

asio::awaitable<QueryStatus> Sampler::fetch_hidden(Followed& followed, double end_seconds) {
    const SampleGrid::Span span = followed.grid.missing(end_seconds);
    QueryStatus status = QueryStatus::ok;
    if (span.empty() || !followed.chosen) co_return status;
    const double step = followed.grid.step_seconds();
    const double points = std::floor((span.last_seconds - span.first_seconds) / step) + 1;
    const double stride = std::ceil(points / most_hidden_points) * step;
    const auto asked =
        static_cast<std::size_t>(std::ceil((span.last_seconds - span.first_seconds + step / 2) / stride));
    for (std::size_t i = 0; i < asked; ++i) {
        const double at = span.first_seconds + static_cast<double>(i) * stride;
        QueryResult result =
            co_await server_.query(followed.query.queries[*followed.chosen], wall_time(at + skew()));
        status = result.status;
        if (!result.ok()) break;
        // Some servers answer with the time of the sample, not of the question.
        for (Series& series : result.series) {
            for (Point& point : series.points) point.time_seconds = at;
        }
        followed.grid.add({.first_seconds = at, .last_seconds = at}, result.series);
    }
    co_return status;
}

asio::awaitable<void> Sampler::finish() {
    const TimePoint give_up = Clock::now() + from_seconds(finish_seconds);
    const double end = now_seconds();
    bool there = clock_.has_value();
    if (!there) there = co_await learn_clock();
    if (!there) co_return;
    there = co_await round(end - latency_offset());
    for (Followed& followed : followed_) {
        if (!there || Clock::now() > give_up) co_return;
        const SampleGrid::Span everything = followed.grid.asked();
        QueryStatus status = QueryStatus::ok;
        if (!everything.empty()) status = co_await follow(followed, everything);
        if (status == QueryStatus::ok) status = co_await fetch_hidden(followed, end);
        there = status != QueryStatus::unavailable;
    }
}

std::vector<results::SampledSeries> Sampler::series() const {
    std::vector<results::SampledSeries> all;
    for (const Followed& followed : followed_) {
        const std::string& promql = followed.query.queries[followed.chosen.value_or(0)];
        for (results::SampledSeries& series : followed.grid.series(followed.query, promql)) {
            for (double& offset : series.offsets_seconds) offset -= lead_seconds_;
            all.push_back(std::move(series));
        }
    }
    return all;
}

}  // namespace milo_perf::metrics
