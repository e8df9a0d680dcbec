#pragma once

#include <boost/asio/awaitable.hpp>

#include "workload/context.hpp"
#include "workload/project_registry.hpp"

namespace milo_perf::workload {

/// Creates all Projects of the registry that are not there yet, with bounded concurrency or at PROJECT_QPS,
/// and follows their readiness on one watch until all are Ready or READY_TIMEOUT_SECONDS after the last
/// create have passed. What went wrong stands in registry, tallies and journal; throws only when no Project
/// could be created at all or the watch is refused.
boost::asio::awaitable<void> create_projects(const Context& context, ProjectRegistry& registry);

}  // namespace milo_perf::workload
