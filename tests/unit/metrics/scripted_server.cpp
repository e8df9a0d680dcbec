#include "scripted_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/url/params_view.hpp>
#include <boost/url/parse_query.hpp>
#include <exception>
#include <utility>

namespace milo_perf::metrics::test {
namespace asio = boost::asio;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

const auto token = asio::as_tuple(asio::deferred);

std::string text(boost::beast::string_view view) {
    return {view.data(), view.size()};
}

Seen seen_of(const http::request<http::string_body>& request) {
    Seen seen;
    seen.method = text(request.method_string());
    seen.target = text(request.target());
    seen.authorization = text(request[http::field::authorization]);
    seen.body = request.body();
    for (const auto& field : request) seen.headers[text(field.name_string())] = text(field.value());
    const std::size_t question = seen.target.find('?');
    const std::string form = question == std::string::npos ? seen.body : seen.target.substr(question + 1);
    if (const auto query = boost::urls::parse_query(form)) {
        for (const auto& field : boost::urls::params_view(*query)) seen.fields[field.key] = field.value;
    }
    return seen;
}

asio::awaitable<void> then_stop(asio::awaitable<void> task, Nursery& others, std::exception_ptr& error) {
    try {
        co_await std::move(task);
    } catch (...) {
        error = std::current_exception();
    }
    others.cancel();
}

}  // namespace

ScriptedServer::ScriptedServer(asio::io_context& context, Handler handler)
    : acceptor_(context, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
      connections_(context.get_executor()),
      handler_(std::move(handler)) {}

std::string ScriptedServer::url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(acceptor_.local_endpoint().port()) + path;
}

asio::awaitable<void> ScriptedServer::run() {
    for (;;) {
        auto [error, socket] = co_await acceptor_.async_accept(token);
        if (error) break;
        connections_.spawn(serve(std::move(socket)));
    }
    // They end while the context runs on; the server outlives that.
    connections_.cancel();
}

asio::awaitable<void> ScriptedServer::serve(tcp::socket socket) {
    boost::beast::flat_buffer buffer;
    for (;;) {
        http::request<http::string_body> request;
        const auto [read_error, read] = co_await http::async_read(socket, buffer, request, token);
        if (read_error) break;
        seen.push_back(seen_of(request));
        const Scripted scripted = handler_(seen.back());
        if (scripted.hang_up) break;
        http::response<http::string_body> response;
        response.result(static_cast<unsigned>(scripted.status));
        response.set(http::field::content_type, "application/json");
        response.body() = scripted.body;
        response.prepare_payload();
        const auto [write_error, written] = co_await http::async_write(socket, response, token);
        if (write_error) break;
    }
}

void run_with(asio::io_context& context, ScriptedServer& server, asio::awaitable<void> task) {
    Nursery others(context.get_executor());
    others.spawn(server.run());
    std::exception_ptr error;
    asio::co_spawn(context, then_stop(std::move(task), others, error), [](const std::exception_ptr&) {});
    context.run();
    context.restart();
    if (error) std::rethrow_exception(error);
}

void run_alone(asio::io_context& context, asio::awaitable<void> task) {
    std::exception_ptr error;
    asio::co_spawn(context, std::move(task), [&](const std::exception_ptr& thrown) { error = thrown; });
    context.run();
    context.restart();
    if (error) std::rethrow_exception(error);
}

std::string vector_answer(const std::string& elements) {
    return R"({"status":"success","data":{"resultType":"vector","result":[)" + elements + "]}}";
}

std::string matrix_answer(const std::string& elements) {
    return R"({"status":"success","data":{"resultType":"matrix","result":[)" + elements + "]}}";
}

}  // namespace milo_perf::metrics::test
