#include "metrics/snapshot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/time_text.hpp"
#include "base/wait.hpp"
#include "metrics/snapshot_plan.hpp"
#include "metrics/unix_time.hpp"

namespace milo_perf::metrics {
namespace asio = boost::asio;

namespace {

/// What waiting for the window's end came to. Times are seconds of the server's clock.
struct Wait {
    double wanted_end = 0;
    bool answered = false;
    /// Why the server gave no answer; asking again is of no use when it refused.
    std::string reason;
    bool refused = false;
    /// The newest visible sample of each figure, in the order of all_figures.
    std::array<std::optional<double>, all_figures.size()> newest;
    double waited_seconds = 0;
};

/// The figure of a snapshot and how it came about.
struct Taken {
    std::optional<double> value;
    results::Evidence evidence;
    bool answered = true;
};

/// Looks for the newest visible sample of every figure.
asio::awaitable<void> look(VictoriaMetrics& server, const Source& source, WallTime now, Wait& wait) {
    wait.answered = false;
    std::size_t refused = 0;
    for (std::size_t i = 0; i < all_figures.size(); ++i) {
        const QueryResult newest = co_await server.query(any_newest_query(all_figures[i], source), now);
        if (!newest.ok()) {
            wait.reason = newest.reason;
            // One figure's query may be refused for a regular expression of its own.
            if (newest.status == QueryStatus::refused && ++refused < all_figures.size()) continue;
            wait.refused = refused == all_figures.size();
            co_return;
        }
        const std::optional<double> at = sum_of(newest);
        // A sample once seen stays seen: the server may have moved on to a later, shorter look-back.
        if (at) wait.newest[i] = at;
    }
    wait.answered = true;
}

std::optional<double> oldest(const Wait& wait) {
    std::optional<double> result;
    for (const std::optional<double>& newest : wait.newest) {
        if (newest && (!result || *newest < *result)) result = newest;
    }
    return result;
}

/// The longest scrape interval of the figures, for patience; 0 when none is known.
asio::awaitable<double> scrape_interval(VictoriaMetrics& server, const Source& source, WallTime at) {
    double interval = 0;
    for (const Figure figure : all_figures) {
        for (const LabelVariant& variant : label_variants()) {
            // Those without a container filter hold the others' series too.
            if (!variant.container_label.empty()) continue;
            std::string query = count_query(figure, source, variant);
            const QueryResult counts = co_await server.query(std::move(query), at);
            const std::optional<double> found = sample_count(counts).scrape_interval(source.window_seconds);
            if (found) interval = std::max(interval, *found);
        }
    }
    co_return interval;
}

/// Waits until samples of the window's end are visible, or patience is over.
asio::awaitable<Wait> wait_for_samples(VictoriaMetrics& server, const Source& source, WallTime began,
                                       Duration patience) {
    const ClockResult found = co_await server.clock();
    const double skew = found.clock ? found.clock->skew_seconds : 0;
    Wait wait;
    wait.wanted_end = unix_seconds(began) + skew;
    const TimePoint started = Clock::now() - (WallClock::now() - began);
    FreshnessWait freshness(wait.wanted_end, to_seconds(patience));
    bool interval_known = false;
    for (;;) {
        wait.waited_seconds = to_seconds(Clock::now() - started);
        const double now = wait.wanted_end + wait.waited_seconds;
        co_await look(server, source, wall_time(now), wait);
        if (wait.refused) break;
        const FreshnessWait::Step step =
            wait.answered ? freshness.looked(now, oldest(wait)) : freshness.unanswered(now);
        if (step != FreshnessWait::Step::look_again) break;
        if (wait.answered && !interval_known) {
            const double interval = co_await scrape_interval(server, source, wall_time(now));
            freshness.scrape_interval(interval);
            interval_known = true;
        }
        co_await sleep_until(Clock::now() + from_seconds(FreshnessWait::pause_seconds));
    }
    co_return wait;
}

/// Tries the label variants in turn.
asio::awaitable<Taken> value_of(VictoriaMetrics& server, const Source& source, Figure figure, WallTime end) {
    Taken taken;
    std::vector<std::optional<double>> values;
    for (const LabelVariant& variant : label_variants()) {
        const QueryResult result = co_await server.query(value_query(figure, source, variant), end);
        if (!result.ok()) {
            taken.answered = result.status == QueryStatus::refused;
            taken.evidence.reason = taken.answered
                                        ? fmt::format("VictoriaMetrics refused the query: {}", result.reason)
                                        : fmt::format("VictoriaMetrics did not answer: {}", result.reason);
            co_return taken;
        }
        values.push_back(sum_of(result));
        if (values.back().value_or(0) != 0) break;
    }
    if (const std::optional<std::size_t> chosen = choose_variant(values)) {
        taken.value = values[*chosen];
        taken.evidence.label_variant = label_variants()[*chosen].name;
    }
    co_return taken;
}

const LabelVariant& variant_named(const std::string& name) {
    const auto variants = label_variants();
    return *std::find_if(variants.begin(), variants.end(),
                         [&](const LabelVariant& variant) { return variant.name == name; });
}

/// Adds samples and age of the newest to a figure that has a value.
asio::awaitable<void> add_evidence(VictoriaMetrics& server, const Source& source, Figure figure, double end,
                                   Taken& taken) {
    const LabelVariant& variant = variant_named(*taken.evidence.label_variant);
    const QueryResult counts = co_await server.query(count_query(figure, source, variant), wall_time(end));
    const QueryResult newest = co_await server.query(newest_query(figure, source, variant), wall_time(end));
    if (const std::optional<double> at = sum_of(newest)) {
        taken.evidence.newest_sample_age_seconds = std::max(0.0, end - *at);
    }
    if (!counts.ok()) co_return;
    const SampleCount count = sample_count(counts);
    taken.evidence.samples = count.total;
    const bool is_rate = quantity_of(figure) == "CPU";
    if (is_rate && count.most < 2) {
        // What a server makes of a single sample is an extrapolation.
        taken.value.reset();
        taken.evidence.reason =
            missing_reason(figure, source, taken.evidence.newest_sample_age_seconds.value_or(0));
    }
}

asio::awaitable<Taken> take(VictoriaMetrics& server, const Source& source, Figure figure, const Wait& wait,
                            std::optional<double> newest) {
    const double end = wait.wanted_end;
    Taken taken = co_await value_of(server, source, figure, wall_time(end));
    if (taken.value) {
        co_await add_evidence(server, source, figure, end, taken);
    } else if (!taken.evidence.reason) {
        std::optional<double> age;
        if (newest) age = std::max(0.0, end - *newest);
        taken.evidence.newest_sample_age_seconds = age;
        taken.evidence.reason = missing_reason(figure, source, age);
    }
    if (taken.value && newest && *newest < end) {
        taken.evidence.note = fmt::format(
            "the newest sample is {:.1f} s older than the window's end; newer ones did not appear within "
            "{:.0f} s",
            end - *newest, wait.waited_seconds);
    }
    co_return taken;
}

std::optional<double>& member(results::Snapshot& snapshot, Figure figure) {
    switch (figure) {
        case Figure::apiserver_cpu_cores:
            return snapshot.apiserver_cpu_cores;
        case Figure::apiserver_mem_bytes:
            return snapshot.apiserver_mem_bytes;
        case Figure::etcd_cpu_cores:
            return snapshot.etcd_cpu_cores;
        default:
            return snapshot.etcd_mem_bytes;
    }
}

}  // namespace

asio::awaitable<results::Snapshot> take_snapshot(VictoriaMetrics& server, const Source& source,
                                                 SnapshotContext context) {
    results::Snapshot snapshot;
    const WallTime end = WallClock::now();
    const Duration offset = Clock::now() - context.origin;
    // By the run's own time line, whatever happened to the clock of the machine since its start.
    snapshot.evaluated_at =
        iso8601(context.origin_wall + std::chrono::duration_cast<WallTime::duration>(offset));
    snapshot.offset_seconds = to_seconds(offset);
    snapshot.window_seconds = source.window_seconds;
    std::optional<double> load_end;
    if (context.last_load_end) load_end = unix_seconds(*context.last_load_end);
    snapshot.window_reaches_into_load = reaches_into_load(unix_seconds(end), source.window_seconds, load_end);

    const Wait wait = co_await wait_for_samples(server, source, end, context.patience);
    std::string silence;
    if (!wait.answered) {
        silence = fmt::format("VictoriaMetrics {}: {}", wait.refused ? "refused the query" : "did not answer",
                              wait.reason);
    }
    for (std::size_t i = 0; i < all_figures.size(); ++i) {
        Taken taken;
        if (silence.empty()) {
            taken = co_await take(server, source, all_figures[i], wait, wait.newest[i]);
            // The other queries would each wait for their time-out.
            if (!taken.answered) silence = *taken.evidence.reason;
        } else {
            taken.evidence.reason = silence;
        }
        member(snapshot, all_figures[i]) = taken.value;
        snapshot.evidence[std::string(to_string(all_figures[i]))] = std::move(taken.evidence);
    }
    co_return snapshot;
}

}  // namespace milo_perf::metrics
