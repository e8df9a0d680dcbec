#include "workload/project_registry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "kube/json_path.hpp"
#include "kube/rfc3339.hpp"
#include "results/from_stats.hpp"

namespace milo_perf::workload {
namespace json = boost::json;
using kube::object_at;
using kube::text_at;

std::optional<ReadyCondition> ready_condition(const json::object& object) {
    const json::object* status = object_at(object, {"status"});
    const json::value* conditions = status != nullptr ? status->if_contains("conditions") : nullptr;
    if (conditions == nullptr || !conditions->is_array()) return std::nullopt;
    for (const json::value& entry : conditions->get_array()) {
        const json::object* condition = entry.if_object();
        if (condition == nullptr || text_at(*condition, {"type"}) != "Ready") continue;
        return ReadyCondition{
            .ready = text_at(*condition, {"status"}) == "True",
            .reason = std::string(text_at(*condition, {"reason"})),
            .message = std::string(text_at(*condition, {"message"})),
            .last_transition = kube::parse_rfc3339(text_at(*condition, {"lastTransitionTime"}))};
    }
    return std::nullopt;
}

namespace {

/// Whether it had been Ready tells a Project that someone removed from one that never came up.
void note_deleted(ProjectState& project) {
    project.reason = project.ready_seen ? "was Ready, and was deleted during the run"
                                        : "was deleted during the run before it was Ready";
}

}  // namespace

ProjectRegistry::ProjectRegistry(const Identity& identity, std::uint32_t count)
    : projects_(count), listed_(count, false) {
    by_name_.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) {
        projects_[i].name = identity.project_name(i);
        by_name_.emplace(projects_[i].name, i);
    }
}

void ProjectRegistry::created(std::size_t index, Ending creation, TimePoint sent, TimePoint acknowledged,
                              std::string reason) {
    ProjectState& project = projects_[index];
    project.creation = creation;
    project.create_sent = sent;
    project.create_acknowledged = acknowledged;
    if (creation == Ending::failed) project.reason = std::move(reason);
}

void ProjectRegistry::adopt(const json::object& object, TimePoint now) {
    const auto found = by_name_.find(std::string(text_at(object, {"metadata", "name"})));
    if (found == by_name_.end()) return;
    projects_[found->second].creation = Ending::existing;
    observe(object, now);
}

void ProjectRegistry::observe(const json::object& object, TimePoint now) {
    const auto found = by_name_.find(std::string(text_at(object, {"metadata", "name"})));
    if (found == by_name_.end()) return;
    listed_[found->second] = true;
    ProjectState& project = projects_[found->second];
    if (project.ready_seen) return;
    auto condition = ready_condition(object);
    if (!condition) return;
    if (!condition->ready) {
        project.reason = condition->message.empty()
                             ? condition->reason
                             : fmt::format("{}: {}", condition->reason, condition->message);
        return;
    }
    project.reason.clear();
    project.ready_seen = now;
    project.ready_by_server = condition->last_transition;
    ++ready_;
}

bool ProjectRegistry::observe_deleted(const json::object& object) {
    const auto found = by_name_.find(std::string(text_at(object, {"metadata", "name"})));
    if (found == by_name_.end() || projects_[found->second].deleted) return false;
    ProjectState& project = projects_[found->second];
    project.deleted = true;
    note_deleted(project);
    if (project.ready_seen) --ready_;
    return true;
}

void ProjectRegistry::begin_list() {
    listed_.assign(listed_.size(), false);
}

std::size_t ProjectRegistry::end_list() {
    std::size_t gone = 0;
    for (std::size_t i = 0; i < projects_.size(); ++i) {
        ProjectState& project = projects_[i];
        // One that has been Ready was surely there before the list; a fresh create may be younger than it.
        if (listed_[i] || project.deleted || !project.ready_seen) continue;
        project.deleted = true;
        note_deleted(project);
        --ready_;
        ++gone;
    }
    return gone;
}

std::size_t ProjectRegistry::waiting_count() const {
    return static_cast<std::size_t>(
        std::count_if(projects_.begin(), projects_.end(),
                      [](const ProjectState& project) { return project.there() && !project.ready_seen; }));
}

std::size_t ProjectRegistry::deleted_count() const {
    return static_cast<std::size_t>(std::count_if(
        projects_.begin(), projects_.end(), [](const ProjectState& project) { return project.deleted; }));
}

std::size_t ProjectRegistry::deleted_ready_count() const {
    return static_cast<std::size_t>(
        std::count_if(projects_.begin(), projects_.end(),
                      [](const ProjectState& project) { return project.deleted && project.ready_seen; }));
}

std::vector<std::size_t> ProjectRegistry::ready_indices() const {
    std::vector<std::size_t> ready;
    for (std::size_t i = 0; i < projects_.size(); ++i) {
        if (projects_[i].ready()) ready.push_back(i);
    }
    return ready;
}

std::optional<double> ProjectRegistry::all_ready_seconds() const {
    std::optional<TimePoint> first;
    std::optional<TimePoint> last;
    for (const ProjectState& project : projects_) {
        if (!project.ready_seen || !project.create_sent) return std::nullopt;
        if (!first || *project.create_sent < *first) first = project.create_sent;
        if (!last || *project.ready_seen > *last) last = project.ready_seen;
    }
    if (!first) return std::nullopt;
    return to_seconds(*last - *first);
}

std::vector<results::Project> ProjectRegistry::to_results(TimePoint origin, WallTime origin_wall) const {
    const auto offset = [origin](const std::optional<TimePoint>& at) -> std::optional<double> {
        if (!at) return std::nullopt;
        return to_seconds(*at - origin);
    };
    std::vector<results::Project> all;
    all.reserve(projects_.size());
    for (const ProjectState& project : projects_) {
        results::Project result;
        result.name = project.name;
        result.create_outcome = !project.creation                       ? "not_sent"
                                : *project.creation == Ending::done     ? "created"
                                : *project.creation == Ending::existing ? "existing"
                                                                        : "failed";
        result.create_sent_offset_seconds = offset(project.create_sent);
        result.create_acknowledged_offset_seconds = offset(project.create_acknowledged);
        result.ready_seen_offset_seconds = offset(project.ready_seen);
        if (project.ready_by_server) {
            result.ready_by_server_offset_seconds = to_seconds(*project.ready_by_server - origin_wall);
        }
        if (project.ready_seen && project.create_sent) {
            result.ready_seconds = to_seconds(*project.ready_seen - *project.create_sent);
        }
        if (!project.reason.empty()) result.reason = project.reason;
        all.push_back(std::move(result));
    }
    return all;
}

results::Readiness ProjectRegistry::readiness(double slo_seconds, TimePoint origin,
                                              WallTime origin_wall) const {
    results::Readiness readiness;
    stats::Histogram seen;
    stats::Histogram by_server;
    readiness.slo_seconds = slo_seconds;
    std::uint64_t judged = 0;
    for (const ProjectState& project : projects_) {
        if (!project.creation || *project.creation == Ending::failed) continue;
        ++readiness.projects;
        if (!project.ready_seen) {
            ++readiness.never_ready;
            ++readiness.above_slo;
            ++judged;
            continue;
        }
        ++readiness.ready;
        // Found there by a resumed run: how long it took is not known.
        if (!project.create_sent) continue;
        ++judged;
        const Duration took = *project.ready_seen - *project.create_sent;
        seen.record(took);
        if (to_seconds(took) > slo_seconds) ++readiness.above_slo;
        if (project.ready_by_server) {
            const WallTime sent =
                origin_wall + std::chrono::duration_cast<WallClock::duration>(*project.create_sent - origin);
            by_server.record(std::max(Duration::zero(), Duration(*project.ready_by_server - sent)));
        }
    }
    if (judged > 0) {
        readiness.above_slo_share = static_cast<double>(readiness.above_slo) / static_cast<double>(judged);
    }
    readiness.ready_seen = results::distribution(seen);
    readiness.ready_by_server = results::distribution(by_server);
    return readiness;
}

}  // namespace milo_perf::workload
