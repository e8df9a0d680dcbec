#include "report/facts.hpp"
#include "results/names.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "results/request_figures.hpp"

namespace milo_perf::report {

using results::Run;

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
    for (const auto& name : results::snapshot_names) {
        const auto& snapshot = snapshot_of(run.metrics, name.value);
        if (snapshot) result.push_back({name.title, &*snapshot});
    }
    return result;
}

std::vector<VerbSeries> load_by_verb(const Run& run) {
    std::vector<VerbSeries> result;
    for (const auto& series : run.requests) {
        const auto verb = stats::parse_verb(series.verb);
        if (!verb || !results::is_load(series)) continue;
        const stats::VerbNames* names = &stats::names_of(*verb);
        const auto known = std::find_if(result.begin(), result.end(),
                                        [names](const VerbSeries& one) { return one.verb == names; });
        if (known == result.end()) {
            result.push_back({names, {&series}});
        } else {
            known->series.push_back(&series);
        }
    }
    return result;
}

std::string client_text(const results::Client& client) {
    const std::string share = percent(client.cpu_share);
    if (client.limit == "saturated") return fmt::format("saturated, at {} of its core", share);
    if (client.limit != "starved") return fmt::format("at {} of its core", share);
    return client.run_delay_share
               ? fmt::format("starved of CPU: it used {} of a core and waited for one in {} of the time",
                             share, percent(client.run_delay_share))
               : fmt::format("starved of CPU: it used {} of a core, and was late", share);
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
