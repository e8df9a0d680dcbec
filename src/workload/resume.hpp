#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "workload/context.hpp"
#include "workload/object_kind.hpp"
#include "workload/project_registry.hpp"

namespace milo_perf::workload {

/// What an interrupted run has left, found by its labels, so that nothing is created twice.
class ExistingObjects {
  public:
    void add(std::string_view collection, std::uint32_t index);
    bool contains(std::string_view collection, std::uint32_t index) const;
    std::size_t count(std::string_view collection) const;

  private:
    std::unordered_map<std::string, std::vector<bool>> by_collection_;
};

/// Puts the run's Projects that are there into the registry. Throws UserError when they cannot be listed.
boost::asio::awaitable<void> adopt_projects(const Context& context, ProjectRegistry& registry);

/// Lists the run's objects of these kinds in the given Projects. Throws UserError when they cannot be listed.
boost::asio::awaitable<ExistingObjects> find_objects(const Context& context, std::vector<ObjectKind> kinds,
                                                     std::vector<std::string> projects);

}  // namespace milo_perf::workload
