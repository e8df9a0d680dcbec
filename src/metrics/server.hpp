#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "base/nursery.hpp"

namespace milo_perf::metrics {

/// Serves `GET /metrics` in OpenMetrics text while a run is on.
class MetricsServer {
  public:
    using Render = std::function<std::string()>;

    /// Listens on `listen`: "127.0.0.1:9100", "[::1]:0", "localhost:9100", or ":9100" for every interface.
    /// Throws UserError when the text is no such address or cannot be bound. `render` makes the text of each
    /// answer.
    MetricsServer(boost::asio::any_io_executor executor, const std::string& listen, Render render);

    /// Answers until it is cancelled, which ends it with operation_aborted.
    boost::asio::awaitable<void> run();

    /// The bound port; of use with port 0.
    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

  private:
    boost::asio::awaitable<void> accept(Nursery& connections);
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);

    boost::asio::ip::tcp::acceptor acceptor_;
    Render render_;
};

/// Content type of the answers.
inline constexpr std::string_view openmetrics_content_type =
    "application/openmetrics-text; version=1.0.0; charset=utf-8";

}  // namespace milo_perf::metrics
