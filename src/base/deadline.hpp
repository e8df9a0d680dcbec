#pragma once

#include <boost/asio/awaitable.hpp>

#include "base/clock.hpp"

namespace milo_perf {

/// Runs `task` until it ends or `deadline` comes, when it is cancelled and awaited. Gives true when it ended
/// by itself; what it throws is thrown on.
boost::asio::awaitable<bool> finish_before(TimePoint deadline, boost::asio::awaitable<void> task);

}  // namespace milo_perf
