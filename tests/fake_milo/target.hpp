#pragma once

#include <map>
#include <string>
#include <string_view>

namespace milo_perf::fake_milo {

/// A kind of object that the server stores.
struct Kind {
    std::string_view api_version;
    std::string_view kind;
    std::string_view resource;
    bool namespaced;
    bool has_status;
};

/// The group and version of Organizations and Projects.
inline constexpr std::string_view milo_api = "resourcemanager.miloapis.com/v1alpha1";

/// Null when there is no such resource.
const Kind* find_kind(std::string_view api_version, std::string_view resource);

/// A request's target taken apart.
struct Target {
    /// Of a scoped path; empty in the root.
    std::string organization;
    std::string project;
    /// The REST path behind the scope.
    std::string rest;
    std::map<std::string, std::string> query;
    /// Set when the path leads to a stored resource.
    const Kind* kind = nullptr;
    std::string namespace_;
    std::string name;
    std::string subresource;

    std::string parameter(const std::string& key) const {
        const auto found = query.find(key);
        return found == query.end() ? std::string() : found->second;
    }
    bool watch() const {
        const std::string value = parameter("watch");
        return name.empty() && (value == "true" || value == "1");
    }
};

/// Undoes percent-encoding; in a query '+' is a blank.
std::string percent_decode(std::string_view text, bool plus_is_blank);
std::map<std::string, std::string> parse_query(std::string_view text);

Target parse_target(std::string_view target);

/// Kubernetes' verb: "create", "get", "list", "watch", "update", "patch", "delete", "deletecollection".
std::string_view verb_of(std::string_view method, const Target& target);

/// The name under which requests are counted: the resource (with `/subresource`), or the last part of the
/// path.
std::string resource_of(const Target& target);

}  // namespace milo_perf::fake_milo
