#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/endpoint.hpp"

namespace milo_perf::http {

/// What became of a tunnel through a SOCKS5 proxy. Both are empty when it stands.
struct Socks5Result {
    /// Of the connection to the proxy.
    boost::system::error_code error;
    /// What the proxy answered; a clause without secrets.
    std::string refusal;

    bool ok() const { return !error && refusal.empty(); }
};

/// Has the SOCKS5 proxy (RFC 1928) at the other end of `socket` connect to a server, with the user and
/// password of `proxy` (RFC 1929) if need be. The proxy looks names up.
boost::asio::awaitable<Socks5Result> open_socks5_tunnel(boost::asio::ip::tcp::socket& socket,
                                                        const Proxy& proxy, const std::string& host,
                                                        std::uint16_t port);

/// The request for a connection: an IPv4 or IPv6 address, or a name. Empty for a name that is too long.
std::string socks5_connect_request(const std::string& host, std::uint16_t port);

/// What a reply's code means, e.g. "host unreachable".
std::string_view socks5_reply_text(std::uint8_t code);

}  // namespace milo_perf::http
