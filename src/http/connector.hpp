#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <optional>

#include "http/connection.hpp"
#include "http/name_lookup.hpp"

namespace milo_perf::http {

/// Opens connections to one endpoint: name look-up (kept for a while), TCP, the proxy's CONNECT, TLS.
class Connector {
  public:
    Connector(boost::asio::any_io_executor executor, const Endpoint& endpoint, const Limits& limits);

    /// Makes `connection` ready for requests. On failure `outcome` says why.
    boost::asio::awaitable<bool> open(Connection& connection, Deadline& deadline, Outcome& outcome);

  private:
    boost::asio::awaitable<bool> resolve(Deadline& deadline, Outcome& outcome);
    boost::asio::awaitable<boost::system::error_code> look_up(Deadline& deadline);
    /// Whom connections are made to, as messages name it: the server, or the proxy before it.
    std::string peer() const;
    boost::asio::awaitable<bool> connect(Connection& connection, Deadline& deadline, Outcome& outcome);
    boost::asio::awaitable<boost::system::error_code> connect_to(Connection& connection,
                                                                 NameLookup::Addresses addresses);
    boost::asio::awaitable<bool> socks5(Connection& connection, const Proxy& proxy, Deadline& deadline,
                                        Outcome& outcome);
    boost::asio::awaitable<bool> tunnel(Connection& connection, const Proxy& proxy, Deadline& deadline,
                                        Outcome& outcome);
    bool connected(Connection& connection, Outcome& outcome);
    boost::asio::awaitable<bool> secure(Connection& connection, Deadline& deadline, Outcome& outcome);

    boost::asio::any_io_executor executor_;
    const Endpoint& endpoint_;
    const Limits& limits_;
    NameLookup::Addresses addresses_;
    /// The one that took a connection when one before it had not; tried first from then on.
    std::optional<boost::asio::ip::tcp::endpoint> preferred_;
    TimePoint addresses_until_{};
    /// The look-up under way, on which all who want to connect wait together.
    std::shared_ptr<NameLookup> lookup_;
};

}  // namespace milo_perf::http
