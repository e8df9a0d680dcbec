#include "http/connector.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/this_coro.hpp>

#include "http/address_race.hpp"
#include "http/redact.hpp"
#include "http/socks5.hpp"

namespace milo_perf::http {
namespace asio = boost::asio;

namespace {

/// How long a look-up is trusted; short, since a control plane's address may move during a run.
constexpr Duration address_lifetime = std::chrono::seconds(30);
constexpr std::size_t tunnel_answer_limit = 16 * 1024;

}  // namespace

Connector::Connector(asio::any_io_executor executor, const Endpoint& endpoint, const Limits& limits)
    : executor_(std::move(executor)), endpoint_(endpoint), limits_(limits) {}

asio::awaitable<bool> Connector::resolve(Deadline& deadline, Outcome& outcome) {
    const std::string& host = endpoint_.proxy ? endpoint_.proxy->host : endpoint_.host;
    const std::uint16_t port = endpoint_.proxy ? endpoint_.proxy->port : endpoint_.port;
    if (!addresses_.empty() && Clock::now() < addresses_until_) co_return true;
    boost::system::error_code literal_error;
    const auto literal = asio::ip::make_address(host, literal_error);
    if (!literal_error) {
        addresses_.assign(1, {literal, port});
        addresses_until_ = TimePoint::max();
        co_return true;
    }
    const boost::system::error_code error = co_await look_up(deadline);
    if (!error) co_return true;
    outcome.failure = deadline.expired                          ? Failure::connect_timeout
                      : error == asio::error::operation_aborted ? Failure::cancelled
                                                                : Failure::resolve;
    outcome.detail = fmt::format("{}: {}", host, error.message());
    co_return false;
}

/// Of many connections that open at once, all wait for the same look-up.
asio::awaitable<boost::system::error_code> Connector::look_up(Deadline& deadline) {
    // An answer that nobody waited for may be an old one.
    if (!lookup_ || lookup_->done()) {
        const std::string& host = endpoint_.proxy ? endpoint_.proxy->host : endpoint_.host;
        const std::uint16_t port = endpoint_.proxy ? endpoint_.proxy->port : endpoint_.port;
        lookup_ = std::make_shared<NameLookup>(executor_, host, port);
    }
    const std::shared_ptr<NameLookup> lookup = lookup_;
    while (!lookup->done()) {
        deadline.on_expire = [&lookup] { lookup->wake(); };
        co_await lookup->wait();
        deadline.on_expire = nullptr;
        const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
        if (deadline.expired || cancellation.cancelled() != asio::cancellation_type::none)
            co_return asio::error::operation_aborted;
    }
    if (lookup_ == lookup) lookup_.reset();
    if (!lookup->error()) {
        addresses_ = interleaved(lookup->addresses());
        const auto good =
            preferred_ ? std::find(addresses_.begin(), addresses_.end(), *preferred_) : addresses_.end();
        if (good != addresses_.end()) std::rotate(addresses_.begin(), good, good + 1);
        // Once: one slow accept must not move a whole run to another server.
        preferred_.reset();
        addresses_until_ = Clock::now() + address_lifetime;
    }
    co_return lookup->error();
}

std::string Connector::peer() const {
    if (endpoint_.proxy)
        return fmt::format("the proxy {}:{}", bracketed(endpoint_.proxy->host), endpoint_.proxy->port);
    return fmt::format("{}:{}", bracketed(endpoint_.host), endpoint_.port);
}

asio::awaitable<boost::system::error_code> Connector::connect_to(Connection& connection,
                                                                 NameLookup::Addresses addresses) {
    auto& socket = connection.stream.socket();
    if (addresses.size() == 1) {
        const auto [error] = co_await socket.async_connect(addresses.front(), asio::as_tuple(asio::deferred));
        co_return error;
    }
    AddressRace race(executor_, std::move(addresses));
    // Leaves the connection with the race, however this coroutine ends.
    struct Racing {
        Racing(Connection& in, AddressRace& running) : connection(in) { connection.race = &running; }
        Racing(const Racing&) = delete;
        Racing& operator=(const Racing&) = delete;
        ~Racing() { connection.race = nullptr; }
        Connection& connection;
    } const racing(connection, race);
    const boost::system::error_code error = co_await race.run(socket);
    if (error) co_return error;
    boost::system::error_code unknown;
    const auto reached = socket.remote_endpoint(unknown);
    const auto place = std::find(addresses_.begin(), addresses_.end(), reached);
    if (unknown || place == addresses_.begin() || place == addresses_.end()) co_return error;
    preferred_ = reached;
    std::rotate(addresses_.begin(), place, place + 1);
    co_return error;
}

asio::awaitable<bool> Connector::connect(Connection& connection, Deadline& deadline, Outcome& outcome) {
    deadline.on_expire = [&connection] { connection.cancel(); };
    // A copy: another coroutine may look the name up anew meanwhile.
    const boost::system::error_code error = co_await connect_to(connection, addresses_);
    if (!error) co_return true;
    addresses_until_ = addresses_until_ == TimePoint::max() ? addresses_until_ : TimePoint{};
    if (deadline.expired) {
        outcome.failure = Failure::connect_timeout;
        outcome.detail = fmt::format("no connection to {} in time", peer());
    } else {
        outcome.failure = connection.abandoned ? Failure::cancelled : classify(error);
        outcome.detail = fmt::format("{}: {}", peer(), error.message());
    }
    co_return false;
}

asio::awaitable<bool> Connector::tunnel(Connection& connection, const Proxy& proxy, Deadline& deadline,
                                        Outcome& outcome) {
    const std::string authority = fmt::format("{}:{}", bracketed(endpoint_.host), endpoint_.port);
    std::string message = fmt::format("CONNECT {0} HTTP/1.1\r\nHost: {0}\r\n", authority);
    if (!proxy.authorization.empty()) {
        message += fmt::format("Proxy-Authorization: {}\r\n", proxy.authorization);
    }
    message += "\r\n";
    // A 2xx answer to CONNECT has no body, whatever its header fields say (RFC 9110, 9.3.6), so its head is
    // read byte-exactly here: what follows it belongs to the server behind.
    auto& socket = connection.stream.socket();
    std::size_t sent = 0;
    boost::system::error_code error;
    while (sent < message.size() && !error) {
        const auto [write_error, size] = co_await socket.async_write_some(
            asio::buffer(message.data() + sent, message.size() - sent), asio::as_tuple(asio::deferred));
        error = write_error;
        sent += size;
    }
    std::string head;
    while (!error && head.find("\r\n\r\n") == std::string::npos && head.size() < tunnel_answer_limit) {
        std::array<char, 1> byte{};
        const auto [read_error, size] =
            co_await socket.async_read_some(asio::buffer(byte), asio::as_tuple(asio::deferred));
        error = read_error;
        head.append(byte.data(), size);
    }
    const bool whole = head.ends_with("\r\n\r\n");
    const bool opened = !error && whole && head.size() > 12 && head.starts_with("HTTP/1.") && head[9] == '2';
    if (opened) co_return true;
    if (deadline.expired) {
        outcome.failure = Failure::connect_timeout;
    } else if (error == asio::error::operation_aborted) {
        outcome.failure = Failure::cancelled;
    } else {
        outcome.failure = Failure::proxy;
    }
    const std::string told = without_credentials(head.substr(0, head.find("\r\n")), proxy.authorization);
    outcome.detail = fmt::format("the proxy {}:{} answered {}", bracketed(proxy.host), proxy.port,
                                 error ? error.message() : told);
    co_return false;
}

asio::awaitable<bool> Connector::socks5(Connection& connection, const Proxy& proxy, Deadline& deadline,
                                        Outcome& outcome) {
    const Socks5Result result =
        co_await open_socks5_tunnel(connection.stream.socket(), proxy, endpoint_.host, endpoint_.port);
    if (result.ok()) co_return true;
    if (deadline.expired) {
        outcome.failure = Failure::connect_timeout;
    } else if (result.error == asio::error::operation_aborted) {
        outcome.failure = Failure::cancelled;
    } else {
        outcome.failure = Failure::proxy;
    }
    outcome.detail =
        fmt::format("{} answered {}", peer(), result.error ? result.error.message() : result.refusal);
    co_return false;
}

bool Connector::connected(Connection& connection, Outcome& outcome) {
    const boost::system::error_code error = connection.stream.connected();
    if (!error) return true;
    outcome.failure = classify(error);
    outcome.detail = fmt::format("{}:{}: {}", bracketed(endpoint_.host), endpoint_.port, error.message());
    return false;
}

asio::awaitable<bool> Connector::secure(Connection& connection, Deadline& deadline, Outcome& outcome) {
    Stream& stream = connection.stream;
    stream.start_tls(connection.tls->make_ssl());
    for (;;) {
        const Stream::Result result = stream.handshake();
        if (result.status == Stream::Status::ok) co_return true;
        if (result.status == Stream::Status::error) break;
        if (result.status == Stream::Status::end) {
            outcome.failure = Failure::tls;
            outcome.detail = "the server closed the connection in the TLS handshake";
            co_return false;
        }
        const auto [error] = co_await stream.ready(result.status);
        if (error) break;
    }
    if (deadline.expired) {
        outcome.failure = Failure::connect_timeout;
        outcome.detail = "the TLS handshake did not end in time";
    } else if (!stream.tls_error().empty() || stream.error()) {
        record_stream_error(connection, deadline, outcome);
    } else {
        outcome.failure = Failure::cancelled;
        outcome.detail = "cancelled";
    }
    co_return false;
}

asio::awaitable<bool> Connector::open(Connection& connection, Deadline& deadline, Outcome& outcome) {
    const TimePoint whole = deadline.at;
    deadline.at = std::min(whole, Clock::now() + limits_.connect_timeout);
    // A deadline that passes when a step's last wait is over has cancelled nothing.
    const auto in_time = [&](bool done) {
        if (!done || !deadline.expired) return done;
        outcome.failure = Failure::connect_timeout;
        outcome.detail =
            fmt::format("no connection to {}:{} in time", bracketed(endpoint_.host), endpoint_.port);
        return false;
    };
    bool good = in_time(co_await resolve(deadline, outcome));
    if (good) good = in_time(co_await connect(connection, deadline, outcome));
    if (good && endpoint_.proxy && endpoint_.proxy->socks5) {
        good = in_time(co_await socks5(connection, *endpoint_.proxy, deadline, outcome));
    } else if (good && endpoint_.proxy && endpoint_.tls) {
        good = in_time(co_await tunnel(connection, *endpoint_.proxy, deadline, outcome));
    }
    if (good) good = connected(connection, outcome);
    if (good && endpoint_.tls) good = in_time(co_await secure(connection, deadline, outcome));
    if (!deadline.expired) deadline.at = whole;
    co_return good;
}

}  // namespace milo_perf::http
