#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace milo_perf::workload {

/// Milo's API group (state of May 2026: one version, both kinds cluster-scoped).
inline constexpr std::string_view resourcemanager_path = "/apis/resourcemanager.miloapis.com/v1alpha1";

inline constexpr std::string_view app_label = "milo-perf";
inline constexpr std::string_view test_id_label = "test-id";

/// What a run calls its things: the labels by which everything of it is found again, and the names.
class Identity {
  public:
    /// `org_name` empty: `perf-{test_id}`.
    Identity(std::string test_id, std::string org_name, std::uint32_t num_projects);

    const std::string& test_id() const { return test_id_; }
    const std::string& org_name() const { return org_name_; }
    /// `app=milo-perf,test-id={test_id}`
    const std::string& label_selector() const { return label_selector_; }
    /// The label that makes an object this run's.
    std::pair<std::string_view, std::string_view> owner_label() const { return {test_id_label, test_id_}; }

    /// `{org}-p-{index}`, the index with three digits at least.
    std::string project_name(std::uint32_t index) const;

    /// JSON bodies as the server takes them.
    std::string organization_body() const;
    std::string project_body(const std::string& name) const;

    /// `"labels":{…}` of every object of the run.
    std::string labels_json() const;

  private:
    std::string test_id_;
    std::string org_name_;
    std::string label_selector_;
    int digits_;
};

/// 8 random hex digits.
std::string random_test_id();

/// REST paths. A Project is created and deleted through its Organization's scope, since Milo's webhook takes
/// the parent from there; lists and watches go to the root path, whose WATCH is not filtered by the server
/// in either scope.
std::string organizations_path();
std::string organization_path(std::string_view org);
std::string projects_path();
std::string organization_scope(std::string_view org);
std::string project_scope(std::string_view project);
/// Collection of `resource` ("secrets", "configmaps") in a Project's `default` namespace.
std::string objects_path(std::string_view project, std::string_view resource);

}  // namespace milo_perf::workload
