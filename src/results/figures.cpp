#include "results/figures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "results/request_figures.hpp"

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

/// A resource as people write it.
struct ResourceTitle {
    std::string_view resource;
    std::string_view title;
};
constexpr ResourceTitle resource_titles[] = {{"organizations", "Organizations"},
                                             {"projects", "Projects"},
                                             {"secrets", "Secrets"},
                                             {"configmaps", "ConfigMaps"}};

const ResourceTitle* known_resource(std::string_view resource) {
    for (const ResourceTitle& known : resource_titles) {
        if (known.resource == resource) return &known;
    }
    return nullptr;
}

/// The figures of one verb on one resource.
void add_requests(std::vector<NamedFigure>& list, const Requests& requests) {
    struct Latency {
        std::string_view name;
        double percent;
        double tolerance;
    };
    // The farther out, the fewer values stand behind it.
    constexpr Latency latencies[] = {
        {"p50", 50, 0.1}, {"p90", 90, 0.15}, {"p99", 99, 0.25}, {"p99_9", 99.9, 0.5}, {"max", 100, 1}};
    const ResourceTitle* known = known_resource(requests.resource);
    const std::string title(known != nullptr ? known->title : requests.resource);
    const stats::VerbNames& verb = stats::names_of(requests.verb);
    const std::string prefix = fmt::format("{}.{}", requests.resource, verb.name);
    for (const Latency& latency : latencies) {
        add(list, fmt::format("{}.{}", prefix, latency.name),
            fmt::format("{}: {} {}", title, verb.name, latency.name), "seconds", Direction::lower_is_better,
            {.relative = latency.tolerance, .absolute = 0.001},
            [requests, percent = latency.percent](const Run& run) {
                return latency_percentile(run, requests, percent);
            });
    }
    add(list, prefix + ".throughput", fmt::format("{}: {} per second", title, verb.plural), "per_second",
        Direction::higher_is_better, {.relative = 0.1},
        [requests](const Run& run) { return throughput(run, requests); });
    add(list, prefix + ".errors", fmt::format("{}: failed {}", title, verb.plural), "count",
        Direction::lower_is_better, {.relative = 0, .absolute = 0},
        [requests](const Run& run) { return errors(run, requests); });
    add(list, prefix + ".error_rate", fmt::format("{}: share of failed {}", title, verb.plural), "share",
        Direction::lower_is_better, rate_tolerance,
        [requests](const Run& run) { return error_rate(run, requests); });
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
    add(list, "errors.count", "Failed operations, after retries", "count", Direction::lower_is_better,
        {.relative = 0}, [](const Run& run) { return errors(run); });
    add(list, "errors.rate", "Share of failed operations, after retries", "share", Direction::lower_is_better,
        rate_tolerance, [](const Run& run) { return error_rate(run); });
    add(list, "attempts.error_rate", "Share of failed attempts, before retries", "share",
        Direction::lower_is_better, rate_tolerance, attempt_error_rate);
    add(list, "retries.count", "Retries", "count", Direction::lower_is_better,
        {.relative = 0.2, .absolute = 2}, load_retries);
    add(list, "sends.late", "Open loop: operations sent late", "count", Direction::lower_is_better,
        {.relative = 0.2, .absolute = 5},
        [](const Run& run) { return open_loop_sends(run, &RequestSeries::late_sends); });
    add(list, "sends.dropped", "Open loop: operations never sent", "count", Direction::lower_is_better,
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
    for (const char* resource : {"projects", "secrets", "configmaps"}) add_requests(list, {resource});
    add(list, "objects.create.throughput", "Objects created per second of their phase", "per_second",
        Direction::higher_is_better, {.relative = 0.1}, object_creates_per_second);
    add_errors(list);
    add_client(list);
    return list;
}

const NamedFigure* find(std::span<const NamedFigure> list, std::string_view name) {
    for (const NamedFigure& figure : list) {
        if (figure.name == name) return &figure;
    }
    return nullptr;
}

/// Edits (insert, delete, replace one character) that make one text of another.
std::size_t edits(std::string_view from, std::string_view to) {
    std::vector<std::size_t> row(to.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < from.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < to.size(); ++j) {
            const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

}  // namespace

std::vector<std::string_view> nearest_figures(std::string_view name) {
    constexpr std::size_t most = 3;
    // Longer than any name; what follows would only cost time.
    name = name.substr(0, 100);
    std::vector<std::pair<std::size_t, std::string_view>> near;
    for (const NamedFigure& figure : figures()) near.emplace_back(edits(name, figure.name), figure.name);
    std::stable_sort(near.begin(), near.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < std::min(most, near.size()); ++i) names.push_back(near[i].second);
    return names;
}

std::string figures_text() {
    std::size_t widest = 0;
    for (const NamedFigure& figure : figures()) widest = std::max(widest, figure.name.size());
    std::string text;
    for (const NamedFigure& figure : figures())
        text += fmt::format("{:<{}}  {:<10}  {}\n", figure.name, widest, figure.unit, figure.title);
    return text;
}

std::span<const NamedFigure> figures() {
    static const std::vector<NamedFigure> list = make_figures();
    return list;
}

std::vector<NamedFigure> figures_of(std::span<const Run* const> runs) {
    std::vector<NamedFigure> all(figures().begin(), figures().end());
    std::vector<Requests> added;
    for (const Run* run : runs) {
        for (Requests& requests : load_of(*run)) {
            // The one Organization has neither a distribution nor a rate.
            if (requests.resource == "organizations") continue;
            if (find(figures(), fmt::format("{}.{}.p50", requests.resource, stats::to_string(requests.verb))))
                continue;
            if (std::find(added.begin(), added.end(), requests) != added.end()) continue;
            add_requests(all, requests);
            added.push_back(std::move(requests));
        }
    }
    return all;
}

std::vector<NamedFigure> figures_of(const Run& run) {
    const Run* one = &run;
    return figures_of(std::span(&one, 1));
}

std::optional<NamedFigure> find_figure(std::string_view name) {
    if (const NamedFigure* known = find(figures(), name)) return *known;
    const std::size_t first = name.find('.');
    const std::size_t second = name.find('.', first + 1);
    if (first == std::string_view::npos || second == std::string_view::npos) return std::nullopt;
    const std::string_view resource = name.substr(0, first);
    const auto verb = stats::parse_verb(name.substr(first + 1, second - first - 1));
    if (!verb || known_resource(resource) == nullptr) return std::nullopt;
    std::vector<NamedFigure> of_verb;
    add_requests(of_verb, {std::string(resource), *verb});
    const NamedFigure* found = find(of_verb, name);
    if (found == nullptr) return std::nullopt;
    return *found;
}

std::string known_figure_names() {
    std::string names;
    for (const NamedFigure& figure : figures()) names += (names.empty() ? "" : ", ") + figure.name;
    std::string verbs;
    for (const stats::VerbNames& verb : stats::verb_names) {
        if (verb.verb == stats::Verb::create || verb.verb == stats::Verb::review) continue;
        verbs += fmt::format("{}{}", verbs.empty() ? "" : ", ", verb.name);
    }
    return fmt::format("{}, and the same of {} in the place of create", names, verbs);
}

}  // namespace milo_perf::results
