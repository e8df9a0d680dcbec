#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace milo_perf::http {

/// The look-up of one name, for any number of coroutines that wait for it. The system's resolver cannot be
/// interrupted (getaddrinfo) and may take half a minute, so each look-up has a thread of its own, which is
/// left behind when nobody wants its answer any more.
class NameLookup {
  public:
    using Addresses = std::vector<boost::asio::ip::tcp::endpoint>;

    /// Begins at once.
    NameLookup(const boost::asio::any_io_executor& executor, const std::string& host, std::uint16_t port);
    ~NameLookup();
    NameLookup(const NameLookup&) = delete;
    NameLookup& operator=(const NameLookup&) = delete;

    bool done() const { return done_; }
    /// Once it is done: why there are no addresses.
    const boost::system::error_code& error() const { return error_; }
    const Addresses& addresses() const { return addresses_; }

    /// Ends when the look-up is done, by `wake`, and when the caller is cancelled.
    boost::asio::awaitable<void> wait();
    /// Wakes all who wait.
    void wake() { changed_.cancel(); }

  private:
    struct Thread;

    void take(const boost::system::error_code& error, Addresses addresses);

    std::shared_ptr<Thread> thread_;
    /// Never expires.
    boost::asio::steady_timer changed_;
    bool done_ = false;
    boost::system::error_code error_;
    Addresses addresses_;
};

}  // namespace milo_perf::http
