#include "workload/operation.hpp"

#include <fmt/format.h>

namespace milo_perf::workload {

namespace {
constexpr std::string_view milo_group = "resourcemanager.miloapis.com";
constexpr std::string_view milo_version = "v1alpha1";
constexpr std::string_view used_namespace = "default";
}  // namespace

namespace types {
const ResourceType organizations{std::string(milo_group), std::string(milo_version), "organizations",
                                 "Organization"};
const ResourceType projects{std::string(milo_group), std::string(milo_version), "projects", "Project"};
const ResourceType secrets{"", "v1", "secrets", "Secret", true};
const ResourceType configmaps{"", "v1", "configmaps", "ConfigMap", true};
}  // namespace types

std::string ResourceType::api_version() const {
    return group.empty() ? version : fmt::format("{}/{}", group, version);
}

std::string ResourceType::api_path() const {
    return fmt::format("{}/{}", group.empty() ? "/api" : "/apis", api_version());
}

std::string Scope::prefix() const {
    if (kind == Kind::root) return {};
    return fmt::format("/apis/{}/{}/{}/{}/control-plane", milo_group, milo_version,
                       kind == Kind::organization ? "organizations" : "projects", name);
}

Collection::Collection(const ResourceType& type, const Scope& scope)
    : type_(&type),
      path_(fmt::format("{}{}{}/{}", scope.prefix(), type.api_path(),
                        type.namespaced ? fmt::format("/namespaces/{}", used_namespace) : std::string(),
                        type.plural)) {}

Collection Collection::projects_of(std::string organization) {
    Collection made(types::projects, Scope::organization(std::move(organization)));
    made.read_path_ = Collection(types::projects, Scope::root()).path();
    return made;
}

}  // namespace milo_perf::workload
