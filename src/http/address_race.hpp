#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <vector>

#include "base/clock.hpp"

namespace milo_perf::http {

/// The order in which a name's addresses are tried (RFC 8305, 4): the families in turn, beginning with that
/// of the first address; within a family as the resolver gave them.
std::vector<boost::asio::ip::tcp::endpoint> interleaved(
    const std::vector<boost::asio::ip::tcp::endpoint>& addresses);

/// Connects to the first of several addresses that takes the connection ("Happy Eyeballs", RFC 8305, 5): one
/// is tried after the other, the next one as soon as one fails, or when none has answered for a while.
class AddressRace {
  public:
    /// How long an address has to itself; as Go's net.Dialer.
    static constexpr Duration head_start = std::chrono::milliseconds(300);

    AddressRace(const boost::asio::any_io_executor& executor,
                std::vector<boost::asio::ip::tcp::endpoint> addresses);
    ~AddressRace();
    AddressRace(const AddressRace&) = delete;
    AddressRace& operator=(const AddressRace&) = delete;

    /// Gives the first failure when no address takes the connection, and operation_aborted when it was
    /// cancelled; otherwise `socket` is connected.
    boost::asio::awaitable<boost::system::error_code> run(boost::asio::ip::tcp::socket& socket);

    /// Ends `run`.
    void cancel();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace milo_perf::http
