#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "results/model.hpp"

/// The closed sets of names in results, each with the one table from value to JSON and to what people read.
namespace milo_perf::results {

template <class Value>
struct Name {
    Value value;
    /// In results.json and in the checkpoint.
    std::string_view json;
    /// In reports and messages.
    std::string_view title;
};

/// The steps of a run, as `phases` lists them. Steps of a sweep have names of their own.
enum class PhaseName {
    preflight,
    baseline,
    organization,
    projects,
    stabilize_after_projects,
    snapshot_after_projects,
    objects,
    stabilize_after_objects,
    snapshot_after_objects,
    settle,
    cleanup,
};

inline constexpr std::array phase_names{
    Name<PhaseName>{PhaseName::preflight, "preflight", "Preflight"},
    Name<PhaseName>{PhaseName::baseline, "baseline", "Baseline"},
    Name<PhaseName>{PhaseName::organization, "organization", "Organization"},
    Name<PhaseName>{PhaseName::projects, "projects", "Projects"},
    Name<PhaseName>{PhaseName::stabilize_after_projects, "stabilize_after_projects",
                    "Stabilize after Projects"},
    Name<PhaseName>{PhaseName::snapshot_after_projects, "snapshot_after_projects", "Snapshot after Projects"},
    Name<PhaseName>{PhaseName::objects, "objects", "Objects"},
    Name<PhaseName>{PhaseName::stabilize_after_objects, "stabilize_after_objects", "Stabilize after objects"},
    Name<PhaseName>{PhaseName::snapshot_after_objects, "snapshot_after_objects", "Snapshot after objects"},
    Name<PhaseName>{PhaseName::settle, "settle", "Settle"},
    Name<PhaseName>{PhaseName::cleanup, "cleanup", "Cleanup"},
};

/// The snapshots of a run. The last one's key is that of the runner that milo-perf replaces.
enum class SnapshotName { baseline, after_projects, after_objects };

inline constexpr std::array snapshot_names{
    Name<SnapshotName>{SnapshotName::baseline, "baseline", "Baseline"},
    Name<SnapshotName>{SnapshotName::after_projects, "after_projects", "After Projects"},
    Name<SnapshotName>{SnapshotName::after_objects, "after_secrets", "After objects"},
};

/// How far a run has come, as its checkpoint says it.
enum class Milestone { init, organization_created, projects_ready, projects_measured, objects_created };

inline constexpr std::array milestones{
    Name<Milestone>{Milestone::init, "init", "begun"},
    Name<Milestone>{Milestone::organization_created, "org-created", "Organization created"},
    Name<Milestone>{Milestone::projects_ready, "projects-ready", "Projects Ready"},
    Name<Milestone>{Milestone::projects_measured, "projects-measured", "Projects measured"},
    Name<Milestone>{Milestone::objects_created, "objects-created", "objects created"},
};

/// Unknown is that of results which do not say it, or say what a later version knows.
inline constexpr std::array outcomes{
    Name<Outcome>{Outcome::unknown, "", "n/a"},
    Name<Outcome>{Outcome::completed, "completed", "completed"},
    Name<Outcome>{Outcome::failed, "failed", "failed"},
    Name<Outcome>{Outcome::interrupted, "interrupted", "interrupted"},
    Name<Outcome>{Outcome::stopped, "stopped", "stopped"},
};

constexpr const Name<PhaseName>& name_of(PhaseName value) {
    return phase_names[static_cast<std::size_t>(value)];
}
constexpr const Name<SnapshotName>& name_of(SnapshotName value) {
    return snapshot_names[static_cast<std::size_t>(value)];
}
constexpr const Name<Milestone>& name_of(Milestone value) {
    return milestones[static_cast<std::size_t>(value)];
}

constexpr const Name<Outcome>& name_of(Outcome value) {
    return outcomes[static_cast<std::size_t>(value)];
}
constexpr Outcome outcome_of(std::string_view json) {
    for (const Name<Outcome>& name : outcomes) {
        if (name.json == json) return name.value;
    }
    return Outcome::unknown;
}

/// True when the rows of a table stand in the order of their enum, as name_of() takes for granted.
template <class Table>
constexpr bool in_order(const Table& table) {
    for (std::size_t i = 0; i < table.size(); ++i) {
        if (static_cast<std::size_t>(table[i].value) != i) return false;
    }
    return true;
}
static_assert(in_order(phase_names) && in_order(snapshot_names) && in_order(milestones) &&
              in_order(outcomes));

/// A run's snapshot; null when it was not taken.
constexpr std::optional<Snapshot>& snapshot_of(Metrics& metrics, SnapshotName name) {
    return name == SnapshotName::baseline         ? metrics.baseline
           : name == SnapshotName::after_projects ? metrics.after_projects
                                                  : metrics.after_secrets;
}
constexpr const std::optional<Snapshot>& snapshot_of(const Metrics& metrics, SnapshotName name) {
    return snapshot_of(const_cast<Metrics&>(metrics), name);
}

}  // namespace milo_perf::results
