#include "results/derived.hpp"

#include <fmt/format.h>

#include <cmath>

#include "results/names.hpp"
#include "results/noise.hpp"
#include "results/request_figures.hpp"

namespace milo_perf::results {

namespace {

const Evidence* evidence(const Snapshot& snapshot, Quantity quantity) {
    const auto found = snapshot.evidence.find(std::string(key(quantity)));
    return found == snapshot.evidence.end() ? nullptr : &found->second;
}

/// Why a snapshot's figure is missing, in half a sentence.
std::string reason_of(const std::optional<Snapshot>& snapshot, std::string_view name, Quantity quantity) {
    if (!snapshot) return fmt::format("the run has no snapshot \"{}\"", name);
    const Evidence* how = evidence(*snapshot, quantity);
    if (how && how->reason) return fmt::format("{} of \"{}\": {}", key(quantity), name, *how->reason);
    return fmt::format("\"{}\" has no {}", name, key(quantity));
}

struct Named {
    const std::optional<Snapshot>& snapshot;
    std::string_view name;
};

Named baseline(const Run& run) {
    return {run.metrics.baseline, "baseline"};
}

Named after_projects(const Run& run) {
    return {run.metrics.after_projects, name_of(SnapshotName::after_projects).json};
}

Named after_objects(const Run& run) {
    return {run.metrics.after_secrets, name_of(SnapshotName::after_objects).json};
}

/// What a cost is shared out over.
struct Divisor {
    std::uint64_t count = 0;
    std::string_view name;
};

/// (to − from) / divisor.
Derived cost(const Run& run, Named from, Named to, Quantity quantity, Divisor divisor) {
    Derived result{.value = {}, .unit = unit(quantity), .reason = {}};
    for (const Named& end : {from, to}) {
        if (end.snapshot && value(*end.snapshot, quantity)) continue;
        result.reason = reason_of(end.snapshot, end.name, quantity);
        return result;
    }
    if (divisor.count == 0) {
        result.reason = fmt::format("no {} were created", divisor.name);
        return result;
    }
    const auto count = static_cast<double>(divisor.count);
    result.value = (*value(*to.snapshot, quantity) - *value(*from.snapshot, quantity)) / count;
    const auto before = sample_deviation(run, *from.snapshot, quantity);
    const auto after = sample_deviation(run, *to.snapshot, quantity);
    if (before && after) result.noise = 2 * std::hypot(*before, *after) / count;
    return result;
}

std::optional<std::uint64_t> there(const Run& run, const std::string& resource) {
    const auto found = run.objects.find(resource);
    if (found == run.objects.end()) return std::nullopt;
    return found->second.created + found->second.existing;
}

}  // namespace

std::string_view key(Quantity quantity) {
    switch (quantity) {
        case Quantity::apiserver_cpu_cores:
            return "apiserver_cpu_cores";
        case Quantity::apiserver_mem_bytes:
            return "apiserver_mem_bytes";
        case Quantity::etcd_cpu_cores:
            return "etcd_cpu_cores";
        case Quantity::etcd_mem_bytes:
            break;
    }
    return "etcd_mem_bytes";
}

std::string_view unit(Quantity quantity) {
    const bool cpu = quantity == Quantity::apiserver_cpu_cores || quantity == Quantity::etcd_cpu_cores;
    return cpu ? "cores" : "bytes";
}

std::optional<double> value(const Snapshot& snapshot, Quantity quantity) {
    switch (quantity) {
        case Quantity::apiserver_cpu_cores:
            return snapshot.apiserver_cpu_cores;
        case Quantity::apiserver_mem_bytes:
            return snapshot.apiserver_mem_bytes;
        case Quantity::etcd_cpu_cores:
            return snapshot.etcd_cpu_cores;
        case Quantity::etcd_mem_bytes:
            break;
    }
    return snapshot.etcd_mem_bytes;
}

std::uint64_t projects_there(const Run& run) {
    return there(run, "projects").value_or(run.objects.empty() ? run.num_projects : 0);
}

std::uint64_t objects_there(const Run& run) {
    if (run.objects.empty()) {
        if (!run.metrics.after_secrets) return 0;
        return run.num_projects * (run.num_secrets_per_project + run.num_configmaps_per_project);
    }
    return there(run, "secrets").value_or(0) + there(run, "configmaps").value_or(0);
}

Derived per_project_after_projects(const Run& run, Quantity quantity) {
    return cost(run, baseline(run), after_projects(run), quantity, {projects_there(run), "Projects"});
}

Derived per_project_after_objects(const Run& run, Quantity quantity) {
    return cost(run, after_projects(run), after_objects(run), quantity, {projects_there(run), "Projects"});
}

Derived per_project_in_total(const Run& run, Quantity quantity) {
    return cost(run, baseline(run), after_objects(run), quantity, {projects_there(run), "Projects"});
}

Derived per_object(const Run& run, Quantity quantity) {
    return cost(run, after_projects(run), after_objects(run), quantity, {objects_there(run), "objects"});
}

Derived ready_seconds_per_project(const Run& run) {
    Derived result{.value = {}, .unit = "seconds", .reason = {}};
    const std::uint64_t projects = run.objects.empty() ? run.num_projects : run.readiness.ready;
    if (!run.projects_ready_seconds) {
        result.reason = "not all Projects became Ready";
    } else if (projects == 0) {
        result.reason = "no Project became Ready";
    } else {
        result.value = *run.projects_ready_seconds / static_cast<double>(projects);
    }
    return result;
}

Derived object_creates_per_second(const Run& run) {
    Derived result{.value = {}, .unit = "per_second", .reason = {}};
    std::uint64_t created = 0;
    for (const RequestSeries& series : run.requests) {
        const bool object = series.resource == "secrets" || series.resource == "configmaps";
        if (object && series.verb == stats::to_string(stats::Verb::create)) created += succeeded(series);
    }
    double seconds = 0;
    for (const Phase& phase : run.phases) {
        if (phase.name == name_of(PhaseName::objects).json) seconds += phase.duration_seconds.value_or(0);
    }
    if (created == 0) {
        result.reason = "no object was created";
    } else if (seconds <= 0) {
        result.reason = "the length of the objects phase is not known";
    } else {
        result.value = static_cast<double>(created) / seconds;
    }
    return result;
}

}  // namespace milo_perf::results
