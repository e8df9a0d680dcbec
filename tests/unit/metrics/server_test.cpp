#include "metrics/server.hpp"

#include <doctest/doctest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <string>

#include "base/error.hpp"

namespace milo_perf::metrics {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

asio::awaitable<void> converse(std::uint16_t port, std::string requests, std::string& answers,
                               Nursery& server) {
    const auto token = asio::as_tuple(asio::deferred);
    const auto executor = co_await asio::this_coro::executor;
    tcp::socket socket(executor);
    const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
    const auto [connect_error] = co_await socket.async_connect(endpoint, token);
    if (!connect_error) {
        const auto [write_error, written] = co_await asio::async_write(socket, asio::buffer(requests), token);
        const auto [read_error, read] =
            co_await asio::async_read(socket, asio::dynamic_buffer(answers), token);
        CHECK_FALSE(write_error);
        CHECK(written == requests.size());
        CHECK(read_error);
        CHECK(read == answers.size());
    }
    server.cancel();
}

/// Everything the server says to `requests` until it closes; the server ends when it is cancelled.
std::string answers_to(const std::string& listen, const std::string& requests) {
    asio::io_context context;
    MetricsServer server(context.get_executor(), listen, [] { return std::string("# EOF\n"); });
    Nursery group(context.get_executor());
    group.spawn(server.run());
    std::string answers;
    asio::co_spawn(context, converse(server.port(), requests, answers, group),
                   [](const std::exception_ptr& error) { CHECK_FALSE(error); });
    context.run();
    return answers;
}

}  // namespace

TEST_CASE("metrics are served on several requests of one connection, other paths and methods refused") {
    const std::string answers =
        answers_to("127.0.0.1:0",
                   "GET /metrics?x=1 HTTP/1.1\r\nHost: h\r\n\r\n"
                   "GET / HTTP/1.1\r\nHost: h\r\n\r\n"
                   "DELETE /metrics HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    CHECK(answers.find("HTTP/1.1 200 OK\r\n") == 0);
    CHECK(answers.find("Content-Type: application/openmetrics-text; version=1.0.0; charset=utf-8\r\n") !=
          std::string::npos);
    CHECK(answers.find("\r\n\r\n# EOF\n") != std::string::npos);
    CHECK(answers.find("HTTP/1.1 404 Not Found\r\n") != std::string::npos);
    CHECK(answers.find("HTTP/1.1 405 Method Not Allowed\r\n") != std::string::npos);
    CHECK(answers.find("Allow: GET\r\n") != std::string::npos);
}

TEST_CASE("too long a head and no HTTP at all end the connection") {
    CHECK(answers_to("127.0.0.1:0", "GET /metrics HTTP/1.1\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n")
              .empty());
    CHECK(answers_to("localhost:0", "hello\r\n\r\n").empty());
}

TEST_CASE("an empty host is every interface; addresses that are none are refused") {
    CHECK_FALSE(answers_to(":0", "GET /metrics HTTP/1.0\r\n\r\n").empty());
    asio::io_context context;
    const auto listen = [&](const std::string& text) {
        MetricsServer server(context.get_executor(), text, [] { return std::string(); });
        return server.port();
    };
    for (const std::string text : {"", "9100", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:99999", "::1:9100",
                                   "[::1:0", "http://127.0.0.1:9100", "203.0.113.7:0"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(listen(text), UserError);
    }
    MetricsServer first(context.get_executor(), "127.0.0.1:0", [] { return std::string(); });
    CHECK_THROWS_AS(listen("127.0.0.1:" + std::to_string(first.port())), UserError);
}

}  // namespace milo_perf::metrics
