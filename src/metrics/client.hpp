#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/client.hpp"
#include "kube/credentials.hpp"
#include "kube/environment.hpp"
#include "metrics/response.hpp"

namespace milo_perf::metrics {

/// The clock and the delays of the server.
struct ServerClock {
    /// The server's clock minus this machine's.
    double skew_seconds = 0;
    /// How much of the newest data range queries leave out (`-search.latencyOffset`).
    double latency_offset_seconds = 0;
};

struct ClockResult {
    /// The server answered queries, whether or not it told its time.
    bool answered = false;
    std::optional<ServerClock> clock;
    /// One clause why there is none.
    std::string reason;
};

/// Where VictoriaMetrics is, and what lets a client in.
struct ServerOptions {
    /// http or https, with a path prefix and user:password if need be.
    std::string base_url;
    /// Further header fields of every request (a tenant, say), each ended by CRLF. May hold secrets.
    std::string header_fields;
    /// PEM of the CAs to trust; empty: the system's.
    std::filesystem::path ca_file;
    /// Read now and again; empty: none.
    std::filesystem::path bearer_token_file;
    /// For HTTP_PROXY, HTTPS_PROXY and NO_PROXY.
    kube::Environment environment;
    /// Bounds each request.
    Duration timeout = std::chrono::seconds(10);
};

/// A client of VictoriaMetrics (or of what speaks the Prometheus API). Servers and networks never make it
/// throw; a request that was reset or answered 5xx is sent once more. A server that takes no POST (405, 501,
/// 403) is asked by GET. Cancellation throws operation_aborted.
class VictoriaMetrics {
  public:
    /// Throws UserError, which repeats no secret, for options that cannot be used.
    VictoriaMetrics(boost::asio::any_io_executor executor, const ServerOptions& options);
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
        std::shared_ptr<kube::Credentials> credentials;
    };
    struct Form {
        std::string_view path;
        std::string fields;
        std::size_t max_series = 0;
    };

    VictoriaMetrics(boost::asio::any_io_executor executor, Target target, Duration timeout);
    static Target target_of(const ServerOptions& options);
    /// One attempt, and after a 401 another with the token read anew.
    boost::asio::awaitable<void> attempt(http::Request request, http::Outcome& outcome);
    boost::asio::awaitable<http::Outcome> send(http::Request request);
    boost::asio::awaitable<http::Outcome> post_or_get(const Form& form);
    boost::asio::awaitable<QueryResult> ask(Form form);

    std::shared_ptr<kube::Credentials> credentials_;
    std::string name_;
    http::Client http_;
    /// The server has refused a POST and answered a GET.
    bool takes_get_only_ = false;
};

/// Why an outcome is no success, as one clause: "connection refused", "status 503: …". No secrets.
std::string failure_clause(const http::Outcome& outcome);

}  // namespace milo_perf::metrics
