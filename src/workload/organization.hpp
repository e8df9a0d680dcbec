#pragma once

#include <boost/asio/awaitable.hpp>

#include "workload/context.hpp"

namespace milo_perf::workload {

/// Creates the run's Organization; it is not waited for. Throws UserError when it cannot be had, for example
/// when one of that name is there that is not this run's.
boost::asio::awaitable<void> create_organization(const Context& context);

}  // namespace milo_perf::workload
