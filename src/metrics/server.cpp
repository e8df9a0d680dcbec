#include "metrics/server.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"

namespace milo_perf::metrics {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

constexpr std::size_t max_connections = 16;
constexpr std::uint32_t max_header_bytes = 16 * 1024;
/// For a request to come, and for its answer to be taken.
constexpr Duration patience = std::chrono::seconds(15);
constexpr Duration pause_after_error = std::chrono::milliseconds(200);
const auto token = asio::as_tuple(asio::deferred);

struct Address {
    /// Empty: every interface.
    std::string host;
    std::uint16_t port = 0;
};

std::optional<Address> parse_address(const std::string& text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos || colon + 1 == text.size()) return std::nullopt;
    Address address;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data() + colon + 1, end, address.port);
    if (error != std::errc{} || stop != end) return std::nullopt;
    address.host = text.substr(0, colon);
    const bool bracketed =
        address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']';
    if (bracketed) address.host = address.host.substr(1, address.host.size() - 2);
    const bool colons = address.host.find(':') != std::string::npos;
    if (colons != bracketed || address.host.find('/') != std::string::npos) return std::nullopt;
    return address;
}

[[noreturn]] void refuse(const std::string& listen, const std::string& why) {
    throw UserError(
        fmt::format("METRICS_LISTEN: cannot listen on '{}': {}; give a free address such as "
                    "127.0.0.1:9100.",
                    listen, why));
}

std::vector<tcp::endpoint> endpoints_of(const asio::any_io_executor& executor, const Address& address,
                                        const std::string& listen) {
    // The IPv6 one takes IPv4 too; it cannot be bound where IPv6 is switched off.
    if (address.host.empty()) return {{tcp::v6(), address.port}, {tcp::v4(), address.port}};
    tcp::resolver resolver(executor);
    boost::system::error_code error;
    std::vector<tcp::endpoint> endpoints;
    for (const auto& entry :
         resolver.resolve(address.host, std::to_string(address.port),
                          tcp::resolver::passive | tcp::resolver::numeric_service, error)) {
        endpoints.push_back(entry.endpoint());
    }
    if (error) refuse(listen, error.message());
    return endpoints;
}

boost::system::error_code bind(tcp::acceptor& acceptor, const tcp::endpoint& endpoint, bool every_interface) {
    boost::system::error_code error;
    acceptor.open(endpoint.protocol(), error);
    if (!error) acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error && every_interface && endpoint.protocol() == tcp::v6()) {
        acceptor.set_option(asio::ip::v6_only(false), error);
    }
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    boost::system::error_code ignored;
    if (error) acceptor.close(ignored);
    return error;
}

using Response = http::response<http::string_body>;

Response answer_to(const http::request<http::empty_body>& request, const MetricsServer::Render& render) {
    Response response;
    response.version(11);
    response.keep_alive(request.keep_alive());
    response.set(http::field::content_type, "text/plain; charset=utf-8");
    const std::string_view target(request.target().data(), request.target().size());
    if (target.substr(0, target.find('?')) != "/metrics") {
        response.result(http::status::not_found);
        response.body() = "Not found: metrics are at /metrics\n";
    } else if (request.method() != http::verb::get) {
        response.result(http::status::method_not_allowed);
        response.set(http::field::allow, "GET");
        response.body() = "Only GET is allowed\n";
    } else {
        response.result(http::status::ok);
        response.set(http::field::content_type,
                     beast::string_view(openmetrics_content_type.data(), openmetrics_content_type.size()));
        response.body() = render();
    }
    response.prepare_payload();
    return response;
}

}  // namespace

MetricsServer::MetricsServer(asio::any_io_executor executor, const std::string& listen, Render render)
    : acceptor_(executor), render_(std::move(render)) {
    const std::optional<Address> address = parse_address(listen);
    if (!address) refuse(listen, "it is not HOST:PORT");
    boost::system::error_code error;
    for (const tcp::endpoint& endpoint : endpoints_of(executor, *address, listen)) {
        error = bind(acceptor_, endpoint, address->host.empty());
        if (!error) return;
    }
    refuse(listen, error ? error.message() : "it has no address");
}

asio::awaitable<void> MetricsServer::run() {
    co_await with_nursery([this](Nursery& connections) { connections.spawn(accept(connections)); });
}

asio::awaitable<void> MetricsServer::accept(Nursery& connections) {
    for (;;) {
        // This coroutine is one of the children.
        co_await connections.wait_below(max_connections + 1);
        auto [error, socket] = co_await acceptor_.async_accept(token);
        if (error) {
            // Out of descriptors, most likely: others will be given back.
            co_await sleep_until(Clock::now() + pause_after_error);
            continue;
        }
        connections.spawn(serve(std::move(socket)));
    }
}

asio::awaitable<void> MetricsServer::serve(tcp::socket socket) {
    beast::tcp_stream stream(std::move(socket));
    beast::flat_buffer buffer;
    for (;;) {
        http::request_parser<http::empty_body> parser;
        parser.header_limit(max_header_bytes);
        stream.expires_after(patience);
        // A body, which GET has not, would make the parser fail and so end the connection.
        const auto [read_error, read] = co_await http::async_read_header(stream, buffer, parser, token);
        if (read_error) break;
        Response response = answer_to(parser.get(), render_);
        const bool more = parser.is_done() && response.keep_alive();
        if (!more) response.keep_alive(false);
        stream.expires_after(patience);
        const auto [write_error, written] = co_await http::async_write(stream, response, token);
        if (write_error || !more) break;
    }
    boost::system::error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

}  // namespace milo_perf::metrics
