#include "app/event_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>

namespace milo_perf::app {

void run_event_loop(boost::asio::io_context& io, boost::asio::awaitable<void> main) {
    std::exception_ptr error;
    boost::asio::co_spawn(io, std::move(main),
                          [&error](std::exception_ptr thrown) { error = std::move(thrown); });
    io.run();
    if (error) std::rethrow_exception(error);
}

}  // namespace milo_perf::app
