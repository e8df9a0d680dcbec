#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <functional>
#include <memory>

#include "base/clock.hpp"

namespace milo_perf::http {

/// A point in time at which something is given up. While it is in a queue, `on_expire` is called once, soon
/// after that point; leaving scope takes it out.
struct Deadline
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    explicit Deadline(TimePoint when) : at(when) {}

    TimePoint at;
    bool expired = false;
    std::function<void()> on_expire;
};

/// All deadlines of a client behind one timer. A timer for each request would cost two operations on the
/// timer heap per request; deadlines hardly ever expire, so a sweep every `period` is cheaper.
class DeadlineQueue {
  public:
    static constexpr Duration period = std::chrono::milliseconds(50);

    explicit DeadlineQueue(boost::asio::any_io_executor executor);
    ~DeadlineQueue();
    DeadlineQueue(const DeadlineQueue&) = delete;
    DeadlineQueue& operator=(const DeadlineQueue&) = delete;

    void add(Deadline& deadline);

  private:
    struct State;
    static void arm(const std::shared_ptr<State>& state);
    std::shared_ptr<State> state_;
};

}  // namespace milo_perf::http
