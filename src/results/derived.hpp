#pragma once

#include <array>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "results/model.hpp"

/// The figures that follow from a run's results: what a Project and an object cost, and what more of them
/// would.
namespace milo_perf::results {

/// A figure that can be missing: then `reason` says why, in half a sentence.
struct Derived {
    std::optional<double> value;
    /// `cores`, `bytes`, `seconds`, `per_second`, `share`, `count`.
    std::string_view unit;
    std::string reason;
    /// Two standard deviations of what it was measured from, in its unit; null when too few samples lie at
    /// rest.
    std::optional<double> noise{};

    bool within_noise() const { return value && noise && std::abs(*value) <= *noise; }
};

/// The four quantities of a snapshot.
enum class Quantity { apiserver_cpu_cores, apiserver_mem_bytes, etcd_cpu_cores, etcd_mem_bytes };
inline constexpr std::array all_quantities{Quantity::apiserver_cpu_cores, Quantity::apiserver_mem_bytes,
                                           Quantity::etcd_cpu_cores, Quantity::etcd_mem_bytes};

/// "apiserver_cpu_cores", as in results.json.
std::string_view key(Quantity quantity);
/// "cores" or "bytes".
std::string_view unit(Quantity quantity);
std::optional<double> value(const Snapshot& snapshot, Quantity quantity);

/// Projects that are there (created now or found with the run's label): the divisor of every cost. A run
/// without counts (the replaced runner's) counts the wanted ones.
std::uint64_t projects_there(const Run& run);
/// Secrets and ConfigMaps that are there.
std::uint64_t objects_there(const Run& run);

/// (after_projects − baseline) / Projects: the replaced runner's card.
Derived per_project_after_projects(const Run& run, Quantity quantity);
/// (after_secrets − after_projects) / Projects: what a Project's objects cost, the replaced runner's card.
Derived per_project_after_objects(const Run& run, Quantity quantity);
/// (after_secrets − baseline) / Projects: a Project with all its objects.
Derived per_project_in_total(const Run& run, Quantity quantity);
/// (after_secrets − after_projects) / objects.
Derived per_object(const Run& run, Quantity quantity);

/// projects_ready_seconds / Projects.
Derived ready_seconds_per_project(const Run& run);
/// Secrets and ConfigMaps created per second of the objects phase.
Derived object_creates_per_second(const Run& run);

/// What a number of Projects would take by a run's slope: baseline + Projects × cost of one.
struct Extrapolation {
    std::uint64_t projects = 0;
    Quantity quantity{};
    /// With their objects, when the run had an objects phase.
    bool with_objects = false;
    std::optional<double> value;
    /// Range by the noise that was seen; null when none was seen. A range says nothing of whether the slope
    /// stays the same.
    std::optional<double> low;
    std::optional<double> high;
    /// One sentence: how the range came about, or why it or the value is missing.
    std::string method;
};

/// For 1,000 and 10,000 Projects, each quantity. The range is two standard deviations of the samples in the
/// windows of both snapshots, carried through the formula; it needs at least 5 samples in each.
std::vector<Extrapolation> extrapolations(const Run& run);

/// The same of repeated runs: value is the median, range the least and the most of at least 3 runs.
std::vector<Extrapolation> extrapolations(std::span<const Run> repeats);

}  // namespace milo_perf::results
