#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/endpoint.hpp"
#include "stats/attempt.hpp"

namespace milo_perf::http {

/// Why no complete answer came. `none` means that one came, whatever its status.
enum class Failure {
    none,
    resolve,
    refused,
    connect,
    connect_timeout,
    tls,
    reset,
    closed,
    timeout,
    malformed,
    too_large,
    proxy,
    cancelled,
    descriptors
};

/// The name of a failure as results count it, e.g. "reset". Static storage.
std::string_view to_string(Failure failure);

/// What becomes of an answer's body.
enum class Body {
    /// Read and dropped when the status is 2xx; kept up to 64 KiB otherwise, since it says what went wrong.
    discard_if_ok,
    /// Kept up to Limits::max_body_bytes.
    collect,
};

/// One request. The texts must live until the answer is there.
struct Request {
    std::string_view method;
    /// Path and query; the endpoint's prefix is put in front of it.
    std::string_view target;
    std::string_view content_type;
    std::string_view body;
    /// Value of Authorization, e.g. "Bearer …"; empty for none. A secret.
    std::string_view authorization;
    Body response_body = Body::collect;
    /// Bounds this request instead of Limits::request_timeout.
    std::optional<Duration> timeout;
    /// When it was due; epoch means now.
    TimePoint planned{};
};

/// What came back.
struct Outcome {
    Failure failure = Failure::none;
    /// What the system or the library said about the failure; no secrets.
    std::string detail;
    int status = 0;
    std::string body;
    std::string retry_after;
    /// The server's Date beside it, for a Retry-After that is a date.
    std::string date;
    /// True when the request was sent a second time on a fresh connection.
    bool resent = false;
    stats::Attempt attempt;

    bool answered() const { return failure == Failure::none; }
    bool ok() const { return answered() && status >= 200 && status < 300; }
};

/// Takes the bytes of a streamed body; returning false ends the stream.
using BodySink = std::function<bool(std::string_view bytes)>;

/// Counters of a client since its start.
struct ClientCounters {
    std::uint64_t connections_opened = 0;
    std::uint64_t peak_connections = 0;
    std::uint64_t tls_handshakes = 0;
    std::uint64_t tls_sessions_resumed = 0;
};

/// An HTTP/1.1 client of one server: a pool of kept-alive connections on one executor, one thread.
/// Never throws for what servers and networks do; throws UserError for TLS material that cannot be used.
class Client {
  public:
    Client(boost::asio::any_io_executor executor, Endpoint endpoint, Limits limits);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Sends one request and reads its answer; once more, on a fresh connection, when a kept-alive one died
    /// before any byte of it (a create that the server saw twice shows as a 409). Cancelled while it waits
    /// for a connection or an answer it gives `cancelled`. `outcome` is a fresh one; it and the request must
    /// live until the end. It is not returned, for that would leave a copy in the coroutine frame of each
    /// layer, and with thousands in flight each line of a frame is a cache miss.
    boost::asio::awaitable<void> send(const Request& request, Outcome& outcome);

    /// As send, but the body of a 2xx answer goes to `sink` as it arrives; `silence` is the longest time
    /// without a byte. The connection is not reused. Other answers are collected.
    boost::asio::awaitable<Outcome> stream(Request request, Duration silence, BodySink sink);

    /// Replaces TLS material (a rotated client certificate); open connections finish their request and close.
    void set_tls(const TlsOptions& options);

    /// Closes idle connections and fails what is in flight with `cancelled`.
    void close();

    ClientCounters counters() const;
    const Endpoint& endpoint() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace milo_perf::http
