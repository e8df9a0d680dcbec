#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

namespace milo_perf::app {

/// Runs `main` and whatever it started on `io` until nothing is left; what it throws is thrown.
void run_event_loop(boost::asio::io_context& io, boost::asio::awaitable<void> main);

}  // namespace milo_perf::app
