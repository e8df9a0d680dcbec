#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "workload/identity.hpp"

namespace milo_perf::workload {

/// A kind of object that fills a Project: names and bodies from templates, so that a request costs a few
/// copies and no JSON.
class ObjectKind {
  public:
    static ObjectKind secret(const Identity& identity, std::uint32_t size_bytes);
    static ObjectKind configmap(const Identity& identity, std::uint32_t size_bytes);

    /// "secrets", "configmaps"
    std::string_view resource() const { return resource_; }

    /// `perf-secret-007`; replaces `name`.
    void write_name(std::uint32_t index, std::string& name) const;
    /// The inverse; empty for a name that is not of this kind.
    std::optional<std::uint32_t> index_of(std::string_view name) const;
    /// The body of the object called `name`; replaces `body`.
    void write_body(std::string_view name, std::string& body) const;

  private:
    ObjectKind(std::string_view resource, std::string_view kind, std::string_view name_prefix,
               std::string rest);

    std::string_view resource_;
    std::string_view name_prefix_;
    std::string before_name_;
    std::string after_name_;
};

}  // namespace milo_perf::workload
