#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "workload/identity.hpp"
#include "workload/operation.hpp"

namespace milo_perf::workload {

/// Objects that differ only in their names: names and bodies from texts made beforehand, so that a request
/// costs a few copies and no JSON.
class ObjectTemplate {
  public:
    static ObjectTemplate secret(const Identity& identity, std::uint32_t size_bytes);
    static ObjectTemplate configmap(const Identity& identity, std::uint32_t size_bytes);
    /// These have names given from outside.
    static ObjectTemplate organization(const Identity& identity);
    static ObjectTemplate project(const Identity& identity);

    const ResourceType& type() const { return *type_; }

    /// `perf-secret-007`; replaces `name`.
    void write_name(std::uint32_t index, std::string& name) const;
    /// The inverse; empty for a name that is not of this template.
    std::optional<std::uint32_t> index_of(std::string_view name) const;
    /// The body of the object called `name`, which needs no escaping in JSON; replaces `body`.
    void write_body(std::string_view name, std::string& body) const;

  private:
    /// `rest` is what follows the labels.
    ObjectTemplate(const ResourceType& type, std::string_view name_prefix, const Identity& identity,
                   std::string_view rest);

    const ResourceType* type_;
    std::string_view name_prefix_;
    std::string before_name_;
    std::string after_name_;
};

}  // namespace milo_perf::workload
