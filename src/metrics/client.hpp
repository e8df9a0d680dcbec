#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/client.hpp"
#include "metrics/response.hpp"

namespace milo_perf::metrics {

/// The clock and the habits of the server.
struct ServerClock {
    /// The server's clock minus this machine's.
    double skew_seconds = 0;
    /// How much of the newest data range queries leave out (`-search.latencyOffset`).
    double latency_offset_seconds = 0;
};

struct ClockResult {
    std::optional<ServerClock> clock;
    /// One clause why there is none.
    std::string reason;
};

/// A client of VictoriaMetrics (or of what speaks the Prometheus API). Servers and networks never make it
/// throw; a request that was reset or answered 5xx is sent once more. Cancellation throws
/// operation_aborted.
class VictoriaMetrics {
  public:
    /// `base_url` is http or https, with a path prefix and user:password if need be. Throws UserError, which
    /// repeats neither, for one that cannot be used. `timeout` bounds each request.
    VictoriaMetrics(boost::asio::any_io_executor executor, const std::string& base_url,
                    Duration timeout = std::chrono::seconds(10));

    /// Evaluates at `at`. The server is asked not to hide its newest samples.
    boost::asio::awaitable<QueryResult> query(std::string promql, WallTime at);

    /// Evaluates every `step_seconds` from `start` to `end`, both included.
    boost::asio::awaitable<QueryResult> query_range(std::string promql, WallTime start, WallTime end,
                                                    double step_seconds);

    /// Writes Prometheus text with time stamps; a clause on why it failed, empty on success.
    boost::asio::awaitable<std::string> import_prometheus(std::string text);

    /// E.g. "v1.79.14"; empty when it cannot be had.
    boost::asio::awaitable<std::optional<std::string>> version();

    /// Asks what time it is there, and how new its newest visible data may be.
    boost::asio::awaitable<ClockResult> clock();

    /// Closes connections; requests in flight end with a reason.
    void close() { http_.close(); }

    /// Scheme, host, port and path, without user and password: for messages.
    const std::string& name() const { return name_; }

  private:
    struct Target {
        http::Endpoint endpoint;
        std::string authorization;
        std::string name;
    };
    struct Form {
        std::string_view path;
        std::string fields;
        std::size_t max_series = 0;
    };

    VictoriaMetrics(boost::asio::any_io_executor executor, Target target, Duration timeout);
    static Target parse(const std::string& base_url);
    boost::asio::awaitable<http::Outcome> send(http::Request request);
    boost::asio::awaitable<QueryResult> ask(Form form);

    std::string authorization_;
    std::string name_;
    http::Client http_;
};

/// Why an outcome is no success, as one clause: "connection refused", "status 503: …". No secrets.
std::string failure_clause(const http::Outcome& outcome);

}  // namespace milo_perf::metrics
