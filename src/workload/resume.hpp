#pragma once

#include <boost/asio/awaitable.hpp>
#include <span>

#include "workload/context.hpp"
#include "workload/object_registry.hpp"
#include "workload/object_template.hpp"
#include "workload/project_registry.hpp"

/// What an interrupted run has left, found by its labels, so that nothing is created twice.
namespace milo_perf::workload {

/// Puts the run's Projects that are there into the registry. Throws UserError when they cannot be listed.
boost::asio::awaitable<void> adopt_projects(const Context& context, ProjectRegistry& registry);

/// Lists the run's objects of a kind in these collections, and adds them to the registry. Throws UserError
/// when they cannot be listed.
boost::asio::awaitable<void> find_objects(const Context& context, const ObjectTemplate& object,
                                          std::span<const Collection> collections, ObjectRegistry& registry);

}  // namespace milo_perf::workload
