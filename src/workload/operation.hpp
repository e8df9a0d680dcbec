#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "kube/client.hpp"
#include "stats/recorder.hpp"
#include "stats/verb.hpp"

namespace milo_perf::workload {

class ObjectTemplate;

/// A kind of object, as the API server's discovery lists it.
struct ResourceType {
    /// Empty: the core group.
    std::string group;
    std::string version;
    std::string plural;
    std::string kind;
    bool namespaced = false;

    /// "v1", "resourcemanager.miloapis.com/v1alpha1"
    std::string api_version() const;
    /// "/api/v1", "/apis/resourcemanager.miloapis.com/v1alpha1"
    std::string api_path() const;
};

/// The types that a standard run works with. Milo's have one version (May 2026), and are cluster-scoped.
namespace types {
extern const ResourceType organizations;
extern const ResourceType projects;
extern const ResourceType secrets;
extern const ResourceType configmaps;
}  // namespace types

/// A control plane of Milo: the root, an Organization's or a Project's.
struct Scope {
    enum class Kind : std::uint8_t { root, organization, project };

    static Scope root() { return {}; }
    static Scope organization(std::string name) { return {Kind::organization, std::move(name)}; }
    static Scope project(std::string name) { return {Kind::project, std::move(name)}; }

    /// What stands before a REST path of this control plane; empty for the root.
    std::string prefix() const;

    Kind kind = Kind::root;
    std::string name;
};

/// The objects of one type in one scope, in its namespace `default` when the type has namespaces.
class Collection {
  public:
    Collection(const ResourceType& type, const Scope& scope);
    /// The Projects of an Organization. They are created and deleted in its scope, since Milo's webhook takes
    /// the parent from there; they are read at the root, whose WATCH is not filtered in either scope.
    static Collection projects_of(std::string organization);

    const ResourceType& type() const { return *type_; }
    /// Where objects are created, changed and deleted.
    const std::string& path() const { return path_; }
    /// Where they are read.
    const std::string& read_path() const { return read_path_.empty() ? path_ : read_path_; }

  private:
    const ResourceType* type_;
    std::string path_;
    /// Empty where it is the same, as nearly always.
    std::string read_path_;
};

/// One thing to do. A small value; what it points to outlives it.
struct Operation {
    stats::Verb verb = stats::Verb::create;
    const Collection* collection = nullptr;
    /// Body and, unless `name` is set, name of the object.
    const ObjectTemplate* object = nullptr;
    /// The object's number in its template; with `name`, the number by which its source knows it.
    std::uint32_t index = 0;
    std::string_view name{};
    /// For list, watch and deletecollection; empty: all objects.
    std::string_view label_selector{};
    /// For list: objects per page, and the least resource version ("0": whatever a cache has, empty: the
    /// newest).
    std::uint32_t page_size = kube::ListOptions::usual_page_size;
    std::string_view resource_version{};
    /// For watch: after this long the server ends a request, and the watch continues with another.
    Duration request_length{};
    stats::SeriesId series{};
    /// Of the requests that it may need beside its own: a create's look at what already exists, a watch's
    /// list.
    stats::SeriesId lookup_series{};
};

/// The series of one phase's operations.
class SeriesOfPhase {
  public:
    SeriesOfPhase(stats::Recorder& recorder, std::string phase, stats::Purpose purpose)
        : recorder_(recorder), phase_(std::move(phase)), purpose_(purpose) {}

    stats::SeriesId of(stats::Verb verb, const ResourceType& type) const {
        return recorder_.series(phase_, verb, type.plural, purpose_);
    }
    /// Of requests that only support the others.
    stats::SeriesId support(stats::Verb verb, const ResourceType& type) const {
        return recorder_.series(phase_, verb, type.plural, stats::Purpose::support);
    }

  private:
    stats::Recorder& recorder_;
    std::string phase_;
    stats::Purpose purpose_;
};

}  // namespace milo_perf::workload
