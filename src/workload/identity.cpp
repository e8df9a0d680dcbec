#include "workload/identity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <random>

namespace milo_perf::workload {

namespace {
std::string json_string(std::string_view text) {
    return boost::json::serialize(boost::json::value(text));
}
}  // namespace

Identity::Identity(std::string test_id, std::string org_name, std::uint32_t num_projects)
    : test_id_(std::move(test_id)),
      org_name_(org_name.empty() ? "perf-" + test_id_ : std::move(org_name)),
      label_selector_(fmt::format("app={},{}={}", app_label, test_id_label, test_id_)),
      digits_(std::max(3, static_cast<int>(std::to_string(std::max(1U, num_projects) - 1).size()))) {}

std::string Identity::project_name(std::uint32_t index) const {
    return fmt::format("{}-p-{:0{}}", org_name_, index, digits_);
}

std::string Identity::labels_json() const {
    return fmt::format(R"("labels":{{"app":"{}","{}":{}}})", app_label, test_id_label, json_string(test_id_));
}

std::string Identity::organization_body() const {
    return fmt::format(
        R"({{"apiVersion":"resourcemanager.miloapis.com/v1alpha1","kind":"Organization","metadata":{{"name":{},{}}},"spec":{{"type":"Standard"}}}})",
        json_string(org_name_), labels_json());
}

std::string Identity::project_body(const std::string& name) const {
    return fmt::format(
        R"({{"apiVersion":"resourcemanager.miloapis.com/v1alpha1","kind":"Project","metadata":{{"name":{},{}}},"spec":{{"ownerRef":{{"kind":"Organization","name":{}}}}}}})",
        json_string(name), labels_json(), json_string(org_name_));
}

std::string random_test_id() {
    std::random_device source;
    return fmt::format("{:08x}", source());
}

std::string organizations_path() {
    return fmt::format("{}/organizations", resourcemanager_path);
}

std::string organization_path(std::string_view org) {
    return fmt::format("{}/organizations/{}", resourcemanager_path, org);
}

std::string projects_path() {
    return fmt::format("{}/projects", resourcemanager_path);
}

std::string organization_scope(std::string_view org) {
    return fmt::format("{}/organizations/{}/control-plane", resourcemanager_path, org);
}

std::string project_scope(std::string_view project) {
    return fmt::format("{}/projects/{}/control-plane", resourcemanager_path, project);
}

std::string objects_path(std::string_view project, std::string_view resource) {
    return fmt::format("{}/api/v1/namespaces/default/{}", project_scope(project), resource);
}

}  // namespace milo_perf::workload
