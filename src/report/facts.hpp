#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/format.hpp"
#include "results/derived.hpp"
#include "results/model.hpp"
#include "stats/verb.hpp"

/// What page and terminal both say of a run.
namespace milo_perf::report {

/// "apiserver CPU".
std::string title(results::Quantity quantity);

/// Operations that failed after all retries, and retries, over the whole run.
std::uint64_t failed_operations(const results::Run& run);
std::uint64_t retries(const results::Run& run);
std::uint64_t thresholds_passed(const results::Run& run);

/// The snapshots that are there, with the names that people read.
struct NamedSnapshot {
    std::string_view name;
    const results::Snapshot* snapshot = nullptr;
};
std::vector<NamedSnapshot> snapshots(const results::Run& run);

/// What a run's load did with one verb, in the order of its series.
struct VerbSeries {
    const stats::VerbNames* verb = nullptr;
    std::vector<const results::RequestSeries*> series;
};
/// The load by verb, each with at least one series; the verb that comes first in the run comes first here.
std::vector<VerbSeries> load_by_verb(const results::Run& run);

/// "at 12.3 % of its core", and before it whether it was saturated or starved.
std::string client_text(const results::Client& client);

/// "100 Projects, each with 100 Secrets and 100 ConfigMaps".
std::string workload_text(const results::Run& run);

}  // namespace milo_perf::report
