#include "app/interrupts.hpp"

#include <csignal>

namespace milo_perf::app {

Interrupts::Interrupts(boost::asio::any_io_executor executor, std::function<void()> stop)
    : signals_(executor, SIGINT, SIGTERM), stop_(std::move(stop)) {
    signals_.async_wait([this](const boost::system::error_code& error, int signal) {
        // Cancelled by the destructor: there is no `this` any more.
        if (error) return;
        received_ = signal;
        signals_.clear();
        stop_();
    });
}

ExitCode Interrupts::exit_code() const {
    return received_ == SIGTERM ? ExitCode::terminated : ExitCode::interrupted;
}

}  // namespace milo_perf::app
