#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/intrusive/list.hpp>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/address_race.hpp"
#include "http/client.hpp"
#include "http/deadline.hpp"
#include "http/stream.hpp"

namespace milo_perf::http {

/// One connection of a pool. The hook links it into the pool's list of all connections.
struct Connection
    : boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
    Connection(const boost::asio::any_io_executor& executor, std::shared_ptr<TlsContext> context)
        : tls(std::move(context)), stream(executor) {}

    /// Outlives the stream: its SSL refers to it.
    std::shared_ptr<TlsContext> tls;
    Stream stream;
    TimePoint idle_since{};
    bool used = false;
    /// Set when the client closes while a request is under way.
    bool abandoned = false;
    /// While it is being connected to one of several addresses.
    AddressRace* race = nullptr;

    /// Ends what is under way on it.
    void cancel() {
        if (race != nullptr) race->cancel();
        stream.cancel();
    }
};

/// What one exchange needs beside its connection.
struct ExchangeOptions {
    Body body = Body::collect;
    /// Takes a 2xx body as it arrives; null collects or discards.
    const BodySink* sink = nullptr;
    /// With a sink: the deadline moves on by this with each byte.
    Duration silence{};
};

/// Sends `message`, a whole request, and reads the answer into `outcome`. Bytes are read through `scratch`,
/// which all exchanges of a client share: nothing is left in it across a suspension. Gives true when the
/// connection can serve another request.
boost::asio::awaitable<bool> exchange(Connection& connection, std::string_view message,
                                      ExchangeOptions options, const Limits& limits, Deadline& deadline,
                                      std::span<char> scratch, Outcome& outcome);

/// The category of a socket's error.
Failure classify(const boost::system::error_code& error);

/// Fills `outcome` with why the stream's last call failed.
void record_stream_error(const Connection& connection, const Deadline& deadline, Outcome& outcome);

}  // namespace milo_perf::http
