#pragma once

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <deque>
#include <memory>
#include <utility>

#include "http/connection.hpp"
#include "http/connector.hpp"

namespace milo_perf::http {

/// The kept-alive connections to one endpoint, at most `Limits::max_connections`. The one used last is taken
/// first, so that a pool that has grown for a peak shrinks again by idling. A request that finds none waits
/// its turn.
class Pool {
  public:
    using ConnectionPtr = std::unique_ptr<Connection>;

    Pool(boost::asio::any_io_executor executor, const Endpoint& endpoint, const Limits& limits);

    /// An idle connection that has been used before; null when there is none, or others wait in line.
    ConnectionPtr take_idle() { return waiters_.empty() ? pop_idle() : nullptr; }

    /// Waits for a connection, opening one where the limit allows. `fresh` never gives a used one.
    /// Null on failure; `outcome` says why.
    boost::asio::awaitable<ConnectionPtr> acquire(bool fresh, Deadline& deadline, Outcome& outcome);

    /// Gives a connection back, to be kept when `reusable`.
    void release(ConnectionPtr connection, bool reusable);

    void set_tls(std::shared_ptr<TlsContext> context);
    /// Closes what is idle, cancels what is busy, refuses new ones.
    void close();

    const ClientCounters& counters() const { return counters_; }

  private:
    /// Bounds the handshakes under way: a thousand at once overflow the server's accept queue, and a slow
    /// client has to finish them in time. With many connections more are opened at once: ten thousand would
    /// need a minute otherwise.
    std::size_t max_opening() const { return std::clamp<std::size_t>(open_ / 4, 64, 256); }

    struct Waiter
        : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
        Waiter(const boost::asio::any_io_executor& executor, bool wants_fresh)
            : timer(executor, boost::asio::steady_timer::time_point::max()), fresh(wants_fresh) {}
        boost::asio::steady_timer timer;
        bool fresh;
        /// Handed over by who released it, past all who came later.
        ConnectionPtr given;
    };
    using WaiterList = boost::intrusive::list<Waiter, boost::intrusive::constant_time_size<false>>;
    using ConnectionList = boost::intrusive::list<Connection, boost::intrusive::constant_time_size<false>>;

    bool may_open() const { return open_ < limits_.max_connections && opening_ < max_opening(); }
    ConnectionPtr pop_idle();
    void wake_one();
    void keep(ConnectionPtr connection);
    void drop(ConnectionPtr connection);
    boost::asio::awaitable<ConnectionPtr> open(Deadline& deadline, Outcome& outcome);

    boost::asio::any_io_executor executor_;
    const Limits& limits_;
    Connector connector_;
    std::shared_ptr<TlsContext> tls_;
    ConnectionList all_;
    std::deque<ConnectionPtr> idle_;
    WaiterList waiters_;
    std::size_t open_ = 0;
    std::size_t opening_ = 0;
    bool closed_ = false;
    ClientCounters counters_;
};

}  // namespace milo_perf::http
