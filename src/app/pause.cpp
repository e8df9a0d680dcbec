#include "app/pause.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/this_coro.hpp>

#include "app/event_loop.hpp"
#include "app/interrupts.hpp"
#include "base/task_group.hpp"

namespace milo_perf::app {
namespace asio = boost::asio;

namespace {

asio::awaitable<void> wait(Duration time, ExitCode& code) {
    const auto executor = co_await asio::this_coro::executor;
    TaskGroup group(executor);
    Interrupts interrupts(executor, [&group] { group.cancel(); });
    group.spawn(sleep_until(Clock::now() + time));
    co_await group.join();
    if (interrupts.received()) code = interrupts.exit_code();
}

}  // namespace

ExitCode pause(Duration time) {
    asio::io_context io(1);
    ExitCode code = ExitCode::ok;
    run_event_loop(io, wait(time, code));
    return code;
}

}  // namespace milo_perf::app
