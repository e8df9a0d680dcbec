#include "results/figures.hpp"

#include <fmt/format.h>

#include <vector>

#include "results/create_figures.hpp"

namespace milo_perf::results {

namespace {

using Get = std::function<Derived(const Run&)>;

struct Tolerance {
    double relative = 0.1;
    double absolute = 0;
};

/// Figures of one run of CPU and memory differ by garbage collection and the neighbours on the machine.
constexpr Tolerance cpu_tolerance{.relative = 0.2, .absolute = 0.00005};
constexpr Tolerance memory_tolerance{.relative = 0.2, .absolute = 16 * 1024};
/// One failure in a thousand may happen by chance.
constexpr Tolerance rate_tolerance{.relative = 0, .absolute = 0.001};

void add(std::vector<NamedFigure>& list, std::string name, std::string title, std::string_view unit,
         Direction direction, Tolerance tolerance, Get get) {
    list.push_back({.name = std::move(name),
                    .title = std::move(title),
                    .unit = unit,
                    .direction = direction,
                    .relative_tolerance = tolerance.relative,
                    .absolute_tolerance = tolerance.absolute,
                    .value = std::move(get)});
}

Derived plain(std::optional<double> value, std::string_view unit, std::string_view reason) {
    return {.value = value, .unit = unit, .reason = value ? std::string() : std::string(reason)};
}

void add_creates(std::vector<NamedFigure>& list, std::string_view resource, std::string_view title) {
    struct Latency {
        std::string_view name;
        double percent;
        double tolerance;
    };
    // The farther out, the fewer values stand behind it.
    constexpr Latency latencies[] = {
        {"p50", 50, 0.1}, {"p90", 90, 0.15}, {"p99", 99, 0.25}, {"p99_9", 99.9, 0.5}, {"max", 100, 1}};
    for (const Latency& latency : latencies) {
        add(list, fmt::format("{}.create.{}", resource, latency.name),
            fmt::format("{}: create {}", title, latency.name), "seconds", Direction::lower_is_better,
            {.relative = latency.tolerance, .absolute = 0.001},
            [resource, percent = latency.percent](const Run& run) {
                return create_percentile(run, resource, percent);
            });
    }
    add(list, fmt::format("{}.create.throughput", resource), fmt::format("{}: creates per second", title),
        "per_second", Direction::higher_is_better, {.relative = 0.1},
        [resource](const Run& run) { return create_throughput(run, resource); });
    add(list, fmt::format("{}.create.errors", resource), fmt::format("{}: failed creates", title), "count",
        Direction::lower_is_better, {.relative = 0, .absolute = 0},
        [resource](const Run& run) { return create_errors(run, resource); });
    add(list, fmt::format("{}.create.error_rate", resource),
        fmt::format("{}: share of failed creates", title), "share", Direction::lower_is_better,
        rate_tolerance, [resource](const Run& run) { return create_error_rate(run, resource); });
}

void add_readiness(std::vector<NamedFigure>& list) {
    struct Latency {
        std::string_view name;
        std::optional<double> Distribution::*member;
    };
    constexpr Latency latencies[] = {{"p50", &Distribution::p50_seconds},
                                     {"p90", &Distribution::p90_seconds},
                                     {"p99", &Distribution::p99_seconds},
                                     {"max", &Distribution::max_seconds}};
    for (const Latency& latency : latencies) {
        add(list, fmt::format("projects.ready.{}", latency.name),
            fmt::format("Projects: time to Ready {}", latency.name), "seconds", Direction::lower_is_better,
            {.relative = 0.15, .absolute = 0.05}, [member = latency.member](const Run& run) {
                return plain(run.readiness.ready_seen.*member, "seconds", "no Project became Ready");
            });
    }
    add(list, "projects.ready.total", "Projects: from the first create to the last Ready", "seconds",
        Direction::lower_is_better, {.relative = 0.1, .absolute = 0.05}, [](const Run& run) {
            return plain(run.projects_ready_seconds, "seconds", "not all Projects became Ready");
        });
    add(list, "projects.ready.per_project", "Projects: time to Ready in total per Project", "seconds",
        Direction::lower_is_better, {.relative = 0.1, .absolute = 0.001}, ready_seconds_per_project);
    add(list, "projects.ready.above_slo", "Projects: share above the service level of readiness", "share",
        Direction::lower_is_better, rate_tolerance, [](const Run& run) {
            return plain(run.readiness.above_slo_share, "share", "there is no figure of readiness");
        });
    add(list, "projects.ready.never", "Projects: never Ready", "count", Direction::lower_is_better,
        {.relative = 0}, [](const Run& run) {
            if (run.readiness.projects == 0) return plain({}, "count", "there is no figure of readiness");
            return plain(static_cast<double>(run.readiness.never_ready), "count", "");
        });
}

void add_errors(std::vector<NamedFigure>& list) {
    add(list, "errors.count", "Failed creates, after retries", "count", Direction::lower_is_better,
        {.relative = 0}, [](const Run& run) { return create_errors(run, every_resource); });
    add(list, "errors.rate", "Share of failed creates, after retries", "share", Direction::lower_is_better,
        rate_tolerance, error_rate);
    add(list, "attempts.error_rate", "Share of failed attempts, before retries", "share",
        Direction::lower_is_better, rate_tolerance, attempt_error_rate);
    add(list, "retries.count", "Retries of creates", "count", Direction::lower_is_better,
        {.relative = 0.2, .absolute = 2}, create_retries);
    add(list, "sends.late", "Open loop: creates sent late", "count", Direction::lower_is_better,
        {.relative = 0.2, .absolute = 5},
        [](const Run& run) { return open_loop_sends(run, &RequestSeries::late_sends); });
    add(list, "sends.dropped", "Open loop: creates never sent", "count", Direction::lower_is_better,
        {.relative = 0.2, .absolute = 5},
        [](const Run& run) { return open_loop_sends(run, &RequestSeries::dropped_sends); });
}

void add_costs(std::vector<NamedFigure>& list) {
    struct Cost {
        std::string_view name;
        std::string_view title;
        double scale;
        Derived (*get)(const Run&, Quantity);
    };
    // An object costs a small part of a Project: so does its noise.
    constexpr Cost costs[] = {
        {"delta_per_project", "per Project", 1, per_project_after_projects},
        {"delta_per_project_after_objects", "per Project for its objects", 1, per_project_after_objects},
        {"delta_per_project_in_total", "per Project with its objects", 1, per_project_in_total},
        {"delta_per_object", "per object", 0.01, per_object}};
    for (const Quantity quantity : all_quantities) {
        const std::string_view name = key(quantity);
        const std::string_view component = name.substr(0, name.find('_'));
        const bool cpu = unit(quantity) == "cores";
        for (const Cost& cost : costs) {
            Tolerance tolerance = cpu ? cpu_tolerance : memory_tolerance;
            tolerance.absolute *= cost.scale;
            add(list, fmt::format("{}.{}_{}", component, cpu ? "cpu" : "mem", cost.name),
                fmt::format("{}: {} {}", component, cpu ? "CPU" : "memory", cost.title), unit(quantity),
                Direction::lower_is_better, tolerance,
                [get = cost.get, quantity](const Run& run) { return get(run, quantity); });
        }
    }
}

void add_client(std::vector<NamedFigure>& list) {
    constexpr std::string_view missing = "the client's own figures are missing";
    add(list, "client.cpu_share", "Client: share of one core", "share", Direction::neutral, {.relative = 0.2},
        [missing](const Run& run) { return plain(run.client.cpu_share, "share", missing); });
    add(list, "client.saturated_share", "Client: share of time it was saturated", "share",
        Direction::lower_is_better, {.relative = 0, .absolute = 0.02},
        [missing](const Run& run) { return plain(run.client.saturated_share, "share", missing); });
    add(list, "client.starved_share", "Client: share of time it was starved of CPU", "share",
        Direction::neutral, {.relative = 0, .absolute = 0.05},
        [missing](const Run& run) { return plain(run.client.starved_share, "share", missing); });
    add(list, "client.event_loop_lag.p99", "Client: event-loop lag p99", "seconds", Direction::neutral,
        {.relative = 0.5, .absolute = 0.002}, [missing](const Run& run) {
            return plain(run.client.event_loop_lag.p99_seconds, "seconds", missing);
        });
    add(list, "run.duration", "Length of the run", "seconds", Direction::neutral, {.relative = 0.1},
        [](const Run& run) { return plain(run.duration_seconds, "seconds", "the run did not end"); });
}

std::vector<NamedFigure> make_figures() {
    std::vector<NamedFigure> list;
    add_costs(list);
    add_readiness(list);
    add_creates(list, "projects", "Projects");
    add_creates(list, "secrets", "Secrets");
    add_creates(list, "configmaps", "ConfigMaps");
    add(list, "objects.create.throughput", "Objects created per second of their phase", "per_second",
        Direction::higher_is_better, {.relative = 0.1}, object_creates_per_second);
    add_errors(list);
    add_client(list);
    return list;
}

}  // namespace

std::span<const NamedFigure> figures() {
    static const std::vector<NamedFigure> list = make_figures();
    return list;
}

const NamedFigure* find_figure(std::string_view name) {
    for (const NamedFigure& figure : figures()) {
        if (figure.name == name) return &figure;
    }
    return nullptr;
}

}  // namespace milo_perf::results
