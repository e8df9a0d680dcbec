#include "results/request_figures.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/clock.hpp"
#include "stats/histogram.hpp"

namespace milo_perf::results {

namespace {

using AllSeries = std::vector<const RequestSeries*>;

AllSeries series_of(const Run& run, const Requests& requests) {
    AllSeries found;
    for (const RequestSeries& series : run.requests) {
        if (series.verb == stats::to_string(requests.verb) && series.resource == requests.resource)
            found.push_back(&series);
    }
    return found;
}

AllSeries load_series(const Run& run) {
    AllSeries found;
    for (const RequestSeries& series : run.requests) {
        if (is_load(series)) found.push_back(&series);
    }
    return found;
}

std::uint64_t sum(const AllSeries& all, std::uint64_t RequestSeries::*member) {
    std::uint64_t total = 0;
    for (const RequestSeries* series : all) total += series->*member;
    return total;
}

std::string nothing_sent(const Requests& requests) {
    return fmt::format("no {} of {} was sent", stats::to_string(requests.verb), requests.resource);
}

Derived missing(std::string_view unit, std::string reason) {
    return {.value = {}, .unit = unit, .reason = std::move(reason)};
}

Derived count_of(std::uint64_t count) {
    return {.value = static_cast<double>(count), .unit = "count", .reason = {}};
}

Derived share_of(std::uint64_t part, std::uint64_t whole, const std::string& when_none) {
    if (whole == 0) return missing("share", when_none);
    return {.value = static_cast<double>(part) / static_cast<double>(whole), .unit = "share", .reason = {}};
}

constexpr const char* no_load = "no request of the load was sent";

std::optional<double> known_percentile(const Distribution& latency, double percent) {
    if (percent == 50) return latency.p50_seconds;
    if (percent == 90) return latency.p90_seconds;
    if (percent == 99) return latency.p99_seconds;
    if (percent == 99.9) return latency.p99_9_seconds;
    return percent == 100 ? latency.max_seconds : std::nullopt;
}

std::optional<double> merged_percentile(const AllSeries& all, double percent) {
    stats::Histogram joint;
    for (const RequestSeries* series : all) {
        if (series->operation_latency.count == 0) continue;
        const auto one = stats::Histogram::decode(series->operation_latency.histogram);
        if (!one) return std::nullopt;
        joint.merge(*one);
    }
    const auto found = joint.percentile(percent);
    if (!found) return std::nullopt;
    return to_seconds(*found);
}

}  // namespace

bool is_load(const RequestSeries& series) {
    return series.load || series.verb == stats::to_string(stats::Verb::create);
}

std::vector<Requests> load_of(const Run& run) {
    std::vector<Requests> found;
    for (const RequestSeries* series : load_series(run)) {
        const auto verb = stats::parse_verb(series->verb);
        if (!verb) continue;
        Requests requests{series->resource, *verb};
        if (std::find(found.begin(), found.end(), requests) == found.end())
            found.push_back(std::move(requests));
    }
    return found;
}

Derived latency_percentile(const Run& run, const Requests& requests, double percent) {
    const AllSeries all = series_of(run, requests);
    if (sum(all, &RequestSeries::operations) == 0) return missing("seconds", nothing_sent(requests));
    Derived result{.value = {}, .unit = "seconds", .reason = {}};
    result.value = all.size() == 1 ? known_percentile(all.front()->operation_latency, percent)
                                   : merged_percentile(all, percent);
    if (!result.value) result.reason = fmt::format("the latencies of {} were not kept", requests.resource);
    return result;
}

Derived throughput(const Run& run, const Requests& requests) {
    double successful = 0;
    double seconds = 0;
    // Series of different phases follow one another: their lengths add up.
    for (const RequestSeries* series : series_of(run, requests)) {
        if (!series->throughput_per_second || *series->throughput_per_second <= 0) continue;
        const auto count = static_cast<double>(succeeded(*series));
        successful += count;
        seconds += count / *series->throughput_per_second;
    }
    if (seconds <= 0) {
        return missing("per_second", fmt::format("fewer than two {} of {} succeeded",
                                                 stats::names_of(requests.verb).plural, requests.resource));
    }
    return {.value = successful / seconds, .unit = "per_second", .reason = {}};
}

Derived errors(const Run& run, const Requests& requests) {
    const AllSeries all = series_of(run, requests);
    if (sum(all, &RequestSeries::operations) == 0) return missing("count", nothing_sent(requests));
    return count_of(sum(all, &RequestSeries::operations_failed));
}

Derived error_rate(const Run& run, const Requests& requests) {
    const AllSeries all = series_of(run, requests);
    return share_of(sum(all, &RequestSeries::operations_failed), sum(all, &RequestSeries::operations),
                    nothing_sent(requests));
}

Derived errors(const Run& run) {
    const AllSeries all = load_series(run);
    if (sum(all, &RequestSeries::operations) == 0) return missing("count", no_load);
    return count_of(sum(all, &RequestSeries::operations_failed));
}

Derived error_rate(const Run& run) {
    const AllSeries all = load_series(run);
    return share_of(sum(all, &RequestSeries::operations_failed), sum(all, &RequestSeries::operations),
                    no_load);
}

Derived attempt_error_rate(const Run& run) {
    const AllSeries all = load_series(run);
    std::uint64_t answered = 0;
    for (const RequestSeries* series : all)
        answered += series->attempts - std::min(series->attempts, series->attempts_cancelled);
    return share_of(sum(all, &RequestSeries::attempts_failed), answered, no_load);
}

Derived load_retries(const Run& run) {
    const AllSeries all = load_series(run);
    if (all.empty()) return missing("count", no_load);
    return count_of(sum(all, &RequestSeries::retries));
}

Derived open_loop_sends(const Run& run, std::uint64_t RequestSeries::*member) {
    if (run.load_model != "open" && run.load_model != "mixed")
        return missing("count", "only an open loop plans its sends");
    return count_of(sum(load_series(run), member));
}

Distribution with_failures_last(const Distribution& latency, std::uint64_t operations, std::uint64_t failed) {
    if (failed == 0) return latency;
    Distribution judged = latency;
    const auto histogram = stats::Histogram::decode(latency.histogram);
    const std::uint64_t good = operations - std::min(operations, failed);
    const auto percentile = [&](double percent) -> std::optional<double> {
        const double rank = percent / 100 * static_cast<double>(operations);
        if (!histogram || histogram->empty() || rank > static_cast<double>(good)) return std::nullopt;
        // As if all the failed ones in the histogram were the fastest.
        const auto all = static_cast<double>(histogram->count());
        const double shifted = rank + std::max(0.0, all - static_cast<double>(good));
        const auto found = histogram->percentile(std::min(100.0, 100 * shifted / all));
        return found ? std::optional(to_seconds(*found)) : std::nullopt;
    };
    judged.p50_seconds = percentile(50);
    judged.p90_seconds = percentile(90);
    judged.p99_seconds = percentile(99);
    judged.p99_9_seconds = percentile(99.9);
    judged.max_seconds = std::nullopt;
    return judged;
}

}  // namespace milo_perf::results
