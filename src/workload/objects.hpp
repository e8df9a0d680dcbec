#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <vector>

#include "workload/context.hpp"

namespace milo_perf::workload {

/// Creates the Secrets and ConfigMaps of the given Projects.
///
/// Closed loop: PROJECT_CONCURRENCY Projects at a time, in each all Secrets, then all ConfigMaps, with
/// OBJECT_CONCURRENCY requests in flight. Open loop (QPS or RAMP): all Secrets, then all ConfigMaps, going
/// round the Projects, each create at its planned time.
/// What went wrong stands in tallies and journal.
boost::asio::awaitable<void> create_objects(const Context& context, std::vector<std::string> projects);

}  // namespace milo_perf::workload
