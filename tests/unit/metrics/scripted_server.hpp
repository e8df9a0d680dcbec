#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/nursery.hpp"

namespace milo_perf::metrics::test {

/// A request as the scripted server saw it.
struct Seen {
    std::string method;
    std::string target;
    std::string authorization;
    /// Header fields by their names as sent.
    std::map<std::string, std::string> headers;
    /// Fields of a form body, or of the target's query, decoded.
    std::map<std::string, std::string> fields;
    std::string body;

    std::string field(const std::string& name) const {
        const auto found = fields.find(name);
        return found == fields.end() ? std::string() : found->second;
    }
};

struct Scripted {
    int status = 200;
    std::string body;
    /// Closes the connection instead of answering.
    bool hang_up = false;
};

/// A server on a free port whose answers a test scripts; lives in the test's own io_context.
class ScriptedServer {
  public:
    using Handler = std::function<Scripted(const Seen&)>;

    ScriptedServer(boost::asio::io_context& context, Handler handler);

    std::string url(const std::string& path = {}) const;
    boost::asio::awaitable<void> run();

    std::vector<Seen> seen;

  private:
    boost::asio::awaitable<void> serve(boost::asio::ip::tcp::socket socket);

    boost::asio::ip::tcp::acceptor acceptor_;
    Nursery connections_;
    Handler handler_;
};

/// Runs `task` to its end with `server` beside it; what it throws is thrown on.
void run_with(boost::asio::io_context& context, ScriptedServer& server, boost::asio::awaitable<void> task);

/// Runs `task` to its end.
void run_alone(boost::asio::io_context& context, boost::asio::awaitable<void> task);

/// Answers of the query API.
std::string vector_answer(const std::string& elements);
std::string matrix_answer(const std::string& elements);

}  // namespace milo_perf::metrics::test
