#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/signal_set.hpp>
#include <functional>
#include <optional>

#include "base/error.hpp"

namespace milo_perf::app {

/// SIGINT and SIGTERM. The first calls `stop`; from then on they act as usual, so a second one ends the
/// program at once.
class Interrupts {
  public:
    Interrupts(boost::asio::any_io_executor executor, std::function<void()> stop);
    Interrupts(const Interrupts&) = delete;
    Interrupts& operator=(const Interrupts&) = delete;

    /// The signal that came, if one did.
    std::optional<int> received() const { return received_; }
    /// 130 or 143; only after a signal.
    ExitCode exit_code() const;

  private:
    boost::asio::signal_set signals_;
    std::function<void()> stop_;
    std::optional<int> received_;
};

}  // namespace milo_perf::app
