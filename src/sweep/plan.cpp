#include "sweep/plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.hpp"
#include "config/values.hpp"
#include "session/session.hpp"

namespace milo_perf::sweep {
namespace {

constexpr std::array<std::string_view, 4> varied_knobs{"PROJECT_CONCURRENCY", "OBJECT_CONCURRENCY", "QPS",
                                                       "NUM_PROJECTS"};
constexpr std::size_t most_values = 100;
constexpr std::uint32_t most_repeats = 100;

std::string upper(std::string text) {
    for (char& c : text) c = c == '-' ? '_' : static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    return text;
}

std::string knob_of(const std::string& text) {
    std::string knob = upper(text);
    if (std::find(varied_knobs.begin(), varied_knobs.end(), knob) == varied_knobs.end()) {
        throw UserError(fmt::format(
            "--vary must be PROJECT_CONCURRENCY, OBJECT_CONCURRENCY, QPS or NUM_PROJECTS, and \"{}\" is not.",
            text));
    }
    return knob;
}

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (true) {
        const std::size_t comma = list.find(',', begin);
        parts.push_back(list.substr(begin, comma - begin));
        if (comma == std::string::npos) return parts;
        begin = comma + 1;
    }
}

std::vector<double> values_of(const std::string& list) {
    std::vector<double> values;
    for (const std::string& part : split(list)) {
        const auto value = config::parse_number(part);
        if (!value || *value <= 0) {
            throw UserError(fmt::format(
                "--through must be numbers above 0 with commas between them, for example 1,2,4,8, and \"{}\" "
                "is not one.",
                part));
        }
        values.push_back(*value);
    }
    std::sort(values.begin(), values.end());
    if (std::adjacent_find(values.begin(), values.end()) != values.end())
        throw UserError("--through names a value twice: use --repeats to measure each one several times.");
    if (values.size() > most_values)
        throw UserError(fmt::format("--through takes {} values at most.", most_values));
    return values;
}

Duration time_of(std::string_view flag, const std::string& text, std::string_view usual, double least) {
    const auto seconds = config::parse_duration_seconds(text.empty() ? usual : std::string_view(text));
    if (!seconds || *seconds < least || *seconds > 86400) {
        throw UserError(
            fmt::format("{} must be a duration from {:g}s to 1d, for example {}, and \"{}\" is not.", flag,
                        least, usual, text));
    }
    return from_seconds(*seconds);
}

/// A run as a step of a load sweep has it: what a limit can be judged by.
results::Run step_example() {
    results::RequestSeries series{.verb = "create", .resource = "secrets", .operations = 2};
    series.throughput_per_second = 1;
    results::Distribution& latency = series.operation_latency;
    latency.count = 2;
    latency.p50_seconds = latency.p90_seconds = latency.p99_seconds = latency.p99_9_seconds =
        latency.max_seconds = 1;
    results::Run run;
    run.requests.push_back(std::move(series));
    return run;
}

std::optional<results::ThresholdRule> limit_of(const Request& request, const SweepPlan& plan) {
    if (request.limit.empty()) return std::nullopt;
    if (plan.varies_projects())
        throw UserError("--limit needs a sweep of load: a sweep over NUM_PROJECTS has no knee to look for.");
    results::ThresholdRule rule = results::parse_threshold(request.limit);
    results::Run example = step_example();
    if (plan.knob == "QPS") example.load_model = "open";
    if (!rule.figure.value(example).value) {
        throw UserError(fmt::format(
            "--limit {} cannot be judged: a step of a sweep creates Secrets only, so use a figure of theirs, "
            "for example 'secrets.create.p99 < 250ms'.",
            rule.figure.name));
    }
    return rule;
}

void check_load_model(const SweepPlan& plan) {
    if (plan.varies_projects()) return;
    if (!plan.settings.ramp.empty())
        throw UserError("RAMP cannot be used with sweep: a step holds one load, so leave RAMP out.");
    if (plan.knob != "QPS" && plan.settings.qps > 0) {
        throw UserError(fmt::format(
            "With QPS the load is an open loop, which {} does not change: leave QPS out, or vary QPS.",
            plan.knob));
    }
}

/// What a run does at its end or meanwhile, and a sweep does not: ignoring it silently would be a surprise.
void check_unused(const config::Settings& settings) {
    const std::pair<bool, std::string_view> unused[] = {
        {!settings.thresholds.empty(), "THRESHOLDS is for runs: a sweep takes --limit"},
        {settings.push_metrics, "PUSH_METRICS is for runs: a sweep writes sweep.json and sweep.csv"},
        {!settings.metrics_listen.empty(), "METRICS_LISTEN is for runs: a sweep has no live figures"}};
    for (const auto& [given, sentence] : unused) {
        if (given) throw UserError(fmt::format("{}, so leave it out.", sentence));
    }
}

}  // namespace

SweepPlan make_sweep_plan(const Request& request, const config::KnobTexts& knobs,
                          const config::KnobTexts& environment) {
    if (request.knob.empty() || request.values.empty()) {
        throw UserError(
            "sweep needs a knob and its values: milo-perf sweep --vary OBJECT_CONCURRENCY --through "
            "1,2,4,8.");
    }
    SweepPlan plan;
    plan.knob = knob_of(request.knob);
    plan.values = values_of(request.values);
    // Each value goes the way of the knob itself: range, kind and what goes with it are checked there.
    config::KnobTexts knobs_given = knobs;
    for (const double value : plan.values) {
        knobs_given[plan.knob] = config::format_number(value);
        plan.settings = config::make_settings(environment, knobs_given);
    }
    check_load_model(plan);
    check_unused(plan.settings);
    plan.settings.run_objects_phase = !plan.varies_projects();
    if (plan.varies_projects() && !(request.hold.empty() && request.warmup.empty())) {
        throw UserError(
            "--hold and --warmup belong to sweeps of load: with NUM_PROJECTS use STABILIZE_SECONDS and "
            "MEASURE_WINDOW.");
    }
    plan.hold = time_of("--hold", request.hold, usual_hold, 1);
    plan.warmup = time_of("--warmup", request.warmup, usual_warmup, 0);
    plan.settle = time_of("--settle", request.settle, usual_settle, 0);
    if (request.repeats < 1 || request.repeats > most_repeats)
        throw UserError(fmt::format("--repeats must be a whole number from 1 to {}.", most_repeats));
    plan.repeats = request.repeats;
    plan.limit = limit_of(request, plan);
    plan.settings = session::identified(std::move(plan.settings));
    plan.settings.out_dir = request.out.empty() ? plan.settings.out_dir + "/sweep" : request.out;
    return plan;
}

config::Settings with_value(const SweepPlan& plan, double value) {
    config::Settings settings = plan.settings;
    if (plan.knob == "QPS") {
        settings.qps = value;
        return settings;
    }
    const auto whole = static_cast<std::uint32_t>(value);
    if (plan.knob == "PROJECT_CONCURRENCY") settings.project_concurrency = whole;
    if (plan.knob == "OBJECT_CONCURRENCY") settings.object_concurrency = whole;
    if (plan.varies_projects()) settings.num_projects = whole;
    return settings;
}

}  // namespace milo_perf::sweep
