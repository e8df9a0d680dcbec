#include "results/create_figures.hpp"

#include <fmt/format.h>

#include <vector>

#include "base/clock.hpp"
#include "stats/histogram.hpp"

namespace milo_perf::results {

namespace {

std::vector<const RequestSeries*> creates(const Run& run, std::string_view resource) {
    std::vector<const RequestSeries*> found;
    for (const RequestSeries& series : run.requests) {
        if (series.verb == "create" && (resource == every_resource || series.resource == resource)) {
            found.push_back(&series);
        }
    }
    return found;
}

std::string nothing_sent(std::string_view resource) {
    return resource == every_resource ? std::string("no create was sent")
                                      : fmt::format("no create of {} was sent", resource);
}

std::uint64_t sum(const std::vector<const RequestSeries*>& all, std::uint64_t RequestSeries::*member) {
    std::uint64_t total = 0;
    for (const RequestSeries* series : all) total += series->*member;
    return total;
}

std::optional<double> known_percentile(const Distribution& latency, double percent) {
    if (percent == 50) return latency.p50_seconds;
    if (percent == 90) return latency.p90_seconds;
    if (percent == 99) return latency.p99_seconds;
    if (percent == 99.9) return latency.p99_9_seconds;
    return percent == 100 ? latency.max_seconds : std::nullopt;
}

std::optional<double> merged_percentile(const std::vector<const RequestSeries*>& all, double percent) {
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

Derived create_percentile(const Run& run, std::string_view resource, double percent) {
    Derived result{.value = {}, .unit = "seconds", .reason = {}};
    const auto all = creates(run, resource);
    if (sum(all, &RequestSeries::operations) == 0) {
        result.reason = nothing_sent(resource);
        return result;
    }
    result.value = all.size() == 1 ? known_percentile(all.front()->operation_latency, percent)
                                   : merged_percentile(all, percent);
    if (!result.value) result.reason = fmt::format("the latencies of {} were not kept", resource);
    return result;
}

Derived create_throughput(const Run& run, std::string_view resource) {
    Derived result{.value = {}, .unit = "per_second", .reason = {}};
    double successful = 0;
    double seconds = 0;
    // Series of different phases follow one another: their lengths add up.
    for (const RequestSeries* series : creates(run, resource)) {
        if (!series->throughput_per_second || *series->throughput_per_second <= 0) continue;
        const auto count = static_cast<double>(succeeded(*series));
        successful += count;
        seconds += count / *series->throughput_per_second;
    }
    if (seconds > 0) {
        result.value = successful / seconds;
    } else {
        result.reason = fmt::format("fewer than two creates of {} succeeded", resource);
    }
    return result;
}

Derived create_errors(const Run& run, std::string_view resource) {
    const auto all = creates(run, resource);
    const std::uint64_t operations = sum(all, &RequestSeries::operations);
    if (operations == 0) return {.value = {}, .unit = "count", .reason = nothing_sent(resource)};
    return {.value = static_cast<double>(sum(all, &RequestSeries::operations_failed)),
            .unit = "count",
            .reason = {}};
}

Derived create_error_rate(const Run& run, std::string_view resource) {
    const auto all = creates(run, resource);
    const std::uint64_t operations = sum(all, &RequestSeries::operations);
    if (operations == 0) return {.value = {}, .unit = "share", .reason = nothing_sent(resource)};
    const auto failed = static_cast<double>(sum(all, &RequestSeries::operations_failed));
    return {.value = failed / static_cast<double>(operations), .unit = "share", .reason = {}};
}

Derived create_retries(const Run& run) {
    const auto all = creates(run, every_resource);
    if (all.empty()) return {.value = {}, .unit = "count", .reason = nothing_sent(every_resource)};
    return {.value = static_cast<double>(sum(all, &RequestSeries::retries)), .unit = "count", .reason = {}};
}

Derived open_loop_sends(const Run& run, std::uint64_t RequestSeries::*member) {
    if (run.load_model != "open" && run.load_model != "mixed") {
        return {.value = {}, .unit = "count", .reason = "only an open loop plans its sends"};
    }
    const auto all = creates(run, every_resource);
    return {.value = static_cast<double>(sum(all, member)), .unit = "count", .reason = {}};
}

}  // namespace milo_perf::results
