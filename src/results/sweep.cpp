#include "results/sweep.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/error.hpp"
#include "results/derived.hpp"
#include "results/format.hpp"
#include "results/json_document.hpp"
#include "results/json_read.hpp"
#include "results/json_write.hpp"
#include "results/median.hpp"
#include "stats/linear_fit.hpp"

namespace milo_perf::results {

namespace {

using Values = std::vector<double>;

void add(Values& values, std::optional<double> value) {
    if (value) values.push_back(*value);
}

/// A step's figure: over the hold, or what the Projects added.
std::optional<double> quantity_of(const SweepStep& step, Quantity quantity) {
    if (step.load) return value(*step.load, quantity);
    if (!step.baseline || !step.after_projects) return std::nullopt;
    const auto before = value(*step.baseline, quantity);
    const auto after = value(*step.after_projects, quantity);
    if (!before || !after) return std::nullopt;
    return *after - *before;
}

Spread quantity_spread(const std::vector<const SweepStep*>& steps, Quantity quantity) {
    Values values;
    for (const SweepStep* step : steps) add(values, quantity_of(*step, quantity));
    return spread(values);
}

template <class Get>
Spread spread_of(const std::vector<const SweepStep*>& steps, Get get) {
    Values values;
    for (const SweepStep* step : steps) add(values, get(*step));
    return spread(values);
}

SweepPoint point_of(double value, const std::vector<const SweepStep*>& steps) {
    SweepPoint point{.value = value, .repeats = steps.size()};
    point.throughput_per_second =
        spread_of(steps, [](const SweepStep& step) { return step.throughput_per_second; });
    point.p50_seconds = spread_of(steps, [](const SweepStep& step) { return step.latency.p50_seconds; });
    point.p99_seconds = spread_of(steps, [](const SweepStep& step) { return step.latency.p99_seconds; });
    point.error_rate = spread_of(steps, [](const SweepStep& step) { return step.error_rate; });
    point.projects_ready_seconds =
        spread_of(steps, [](const SweepStep& step) { return step.projects_ready_seconds; });
    point.apiserver_cpu_cores = quantity_spread(steps, Quantity::apiserver_cpu_cores);
    point.apiserver_mem_bytes = quantity_spread(steps, Quantity::apiserver_mem_bytes);
    point.etcd_cpu_cores = quantity_spread(steps, Quantity::etcd_cpu_cores);
    point.etcd_mem_bytes = quantity_spread(steps, Quantity::etcd_mem_bytes);
    std::size_t judged = 0;
    std::size_t kept = 0;
    for (const SweepStep* step : steps) {
        if (!step->keeps_limit) continue;
        ++judged;
        if (*step->keeps_limit) ++kept;
    }
    if (judged > 0) point.keeps_limit = kept * 2 > judged;
    return point;
}

std::string_view name(load::KneeSearch::Conclusion conclusion) {
    using Conclusion = load::KneeSearch::Conclusion;
    switch (conclusion) {
        case Conclusion::no_limit:
            return "no_limit";
        case Conclusion::found:
            return "found";
        case Conclusion::above_all:
            return "above_all";
        case Conclusion::below_all:
            return "below_all";
        case Conclusion::unfinished:
            break;
    }
    return "unfinished";
}

std::string sentence(const SweepKnee& knee, const std::string& knob, const std::string& limit) {
    if (knee.conclusion == "below_all") {
        return fmt::format("No value keeps the limit {}: begin with a smaller {}.", limit, knob);
    }
    if (!knee.value) return "There are too few measurements for a knee.";
    const std::string best = fmt::format("{} creates per second at {} {:g}",
                                         number(knee.throughput_per_second), knob, *knee.value);
    if (knee.conclusion == "no_limit") return fmt::format("The highest throughput is {}.", best);
    if (knee.conclusion == "above_all") {
        return fmt::format(
            "Every value keeps the limit {}; the highest throughput is {}, and the knee lies higher.", limit,
            best);
    }
    if (knee.conclusion == "unfinished") {
        return fmt::format("The search was not finished; the highest throughput so far that keeps {} is {}.",
                           limit, best);
    }
    return fmt::format("The highest throughput that keeps {} is {}: {:g} still keeps it, {:g} does not.",
                       limit, best, *knee.last_kept, *knee.first_missed);
}

SweepSlope slope_of(const std::vector<SweepStep>& steps, Quantity quantity) {
    std::vector<stats::Point> points;
    for (const SweepStep& step : steps) {
        const auto y = quantity_of(step, quantity);
        if (y) points.push_back({step.value, *y});
    }
    SweepSlope slope{.figure = std::string(key(quantity)), .points = points.size()};
    const auto fit = stats::fit_line(points);
    if (!fit) {
        slope.method = "a slope with its confidence interval needs three runs at two values at least";
        return slope;
    }
    slope.per_project = fit->slope;
    slope.low = fit->slope_low;
    slope.high = fit->slope_high;
    slope.r_squared = fit->r_squared;
    slope.method = "least squares over after_projects − baseline of each run; 95 % by Student's t";
    return slope;
}

std::string field(std::optional<double> value) {
    return value ? fmt::format("{}", *value) : std::string();
}

}  // namespace

Spread spread(const std::vector<double>& values) {
    Spread result{.median = median(values), .repeats = values.size()};
    if (values.empty()) return result;
    result.least = *std::min_element(values.begin(), values.end());
    result.most = *std::max_element(values.begin(), values.end());
    return result;
}

std::vector<SweepPoint> sweep_points(const std::vector<SweepStep>& steps) {
    std::map<double, std::vector<const SweepStep*>> by_value;
    for (const SweepStep& step : steps) by_value[step.value].push_back(&step);
    std::vector<SweepPoint> points;
    points.reserve(by_value.size());
    for (const auto& [value, same] : by_value) points.push_back(point_of(value, same));
    return points;
}

std::vector<SweepSlope> sweep_slopes(const std::vector<SweepStep>& steps) {
    std::vector<SweepSlope> slopes;
    slopes.reserve(all_quantities.size());
    for (const Quantity quantity : all_quantities) slopes.push_back(slope_of(steps, quantity));
    return slopes;
}

SweepKnee sweep_knee(const load::KneeSearch& search, const std::string& knob, const std::string& limit) {
    SweepKnee knee{.last_kept = search.last_kept(),
                   .first_missed = search.first_missed(),
                   .conclusion = std::string(name(search.conclusion()))};
    if (const auto best = search.knee()) {
        knee.value = best->value;
        knee.throughput_per_second = best->throughput;
    }
    knee.verdict = sentence(knee, knob, limit);
    return knee;
}

std::string sweep_json(const Sweep& sweep) {
    return json_write::document(sweep);
}

std::optional<Sweep> sweep_from_json(std::string_view text, std::string_view source_name) {
    const boost::json::value document = parse_document(text, source_name);
    const boost::json::object* object = document.if_object();
    if (!object || !object->contains("knob") || !object->contains("steps")) return std::nullopt;
    Sweep sweep;
    try {
        json_read::read(sweep, document, json_read::Path{});
    } catch (const std::runtime_error& problem) {
        throw UserError(fmt::format("{} is not a sweep that can be read: {}.", source_name, problem.what()));
    }
    return sweep;
}

std::string sweep_csv(const Sweep& sweep) {
    std::string out =
        "knob,value,repeat,purpose,throughput_per_second,p50_seconds,p99_seconds,p99_9_seconds,error_rate,"
        "creates,creates_failed,creates_unfinished,late_sends,retries,keeps_limit,apiserver_cpu_cores,"
        "apiserver_mem_bytes,etcd_cpu_cores,etcd_mem_bytes,projects_ready_seconds,client_cpu_share\r\n";
    for (const SweepStep& step : sweep.steps) {
        const std::string kept = !step.keeps_limit ? "" : *step.keeps_limit ? "true" : "false";
        out += fmt::format("{},{:g},{},{},{},{},{},{},{},{},{},{},{},{},{}", sweep.knob, step.value,
                           step.repeat, step.purpose, field(step.throughput_per_second),
                           field(step.latency.p50_seconds), field(step.latency.p99_seconds),
                           field(step.latency.p99_9_seconds), field(step.error_rate), step.creates,
                           step.creates_failed, step.creates_unfinished, step.late_sends, step.retries, kept);
        for (const Quantity quantity : all_quantities) out += "," + field(quantity_of(step, quantity));
        out += fmt::format(",{},{}\r\n", field(step.projects_ready_seconds), field(step.client_cpu_share));
    }
    return out;
}

}  // namespace milo_perf::results
