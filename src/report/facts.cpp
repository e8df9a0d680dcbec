#include "report/facts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace milo_perf::report {

using results::Run;

Quantity quantity(std::optional<double> value, std::string_view unit) {
    if (unit == "seconds") return duration(value);
    if (unit == "bytes") return bytes(value);
    if (unit == "cores") return cores(value);
    if (unit == "share") return {percent(value), {}};
    if (unit == "count")
        return {value ? number(value).substr(0, number(value).find(".00")) : not_available, {}};
    if (!value) return {not_available, {}};
    return {number(value), unit == "per_second" ? "per second" : std::string(unit)};
}

std::string title(results::Quantity quantity) {
    switch (quantity) {
        case results::Quantity::apiserver_cpu_cores:
            return "apiserver CPU";
        case results::Quantity::apiserver_mem_bytes:
            return "apiserver memory";
        case results::Quantity::etcd_cpu_cores:
            return "etcd CPU";
        case results::Quantity::etcd_mem_bytes:
            return "etcd memory";
    }
    return {};
}

std::uint64_t failed_operations(const Run& run) {
    std::uint64_t sum = 0;
    for (const auto& series : run.requests) sum += series.operations_failed;
    return sum;
}

std::uint64_t retries(const Run& run) {
    std::uint64_t sum = 0;
    for (const auto& series : run.requests) sum += series.retries;
    return sum;
}

std::uint64_t thresholds_passed(const Run& run) {
    return static_cast<std::uint64_t>(std::count_if(run.thresholds.begin(), run.thresholds.end(),
                                                    [](const auto& threshold) { return threshold.passed; }));
}

std::vector<NamedSnapshot> snapshots(const Run& run) {
    std::vector<NamedSnapshot> result;
    const auto add = [&result](std::string_view name, const std::optional<results::Snapshot>& snapshot) {
        if (snapshot) result.push_back({name, &*snapshot});
    };
    add("Baseline", run.metrics.baseline);
    add("After Projects", run.metrics.after_projects);
    add("After objects", run.metrics.after_secrets);
    return result;
}

std::vector<const results::RequestSeries*> creates(const Run& run) {
    std::vector<const results::RequestSeries*> result;
    for (const auto& series : run.requests) {
        if (series.verb == "create") result.push_back(&series);
    }
    return result;
}

std::string workload_text(const Run& run) {
    if (run.num_projects == 0) return not_available;
    std::string text = counted(run.num_projects, "Project");
    const auto off = run.settings.find("RUN_OBJECTS_PHASE");
    const bool objects = off == run.settings.end() || off->second != "false";
    if (!objects || run.num_secrets_per_project + run.num_configmaps_per_project == 0) {
        return text + " without objects";
    }
    return text + fmt::format(", each with {} Secrets and {} ConfigMaps", count(run.num_secrets_per_project),
                              count(run.num_configmaps_per_project));
}

}  // namespace milo_perf::report
