#include "plain_client.hpp"

#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

namespace milo_perf::fake_milo::test {
namespace asio = boost::asio;

namespace {

std::string unchunk(std::string_view text) {
    std::string whole;
    for (;;) {
        const std::size_t end = text.find("\r\n");
        if (end == std::string_view::npos) return whole;
        const std::size_t size = std::stoul(std::string(text.substr(0, end)), nullptr, 16);
        if (size == 0 || end + 2 + size > text.size()) return whole;
        whole += text.substr(end + 2, size);
        text.remove_prefix(end + 2 + size + 2);
    }
}

}  // namespace

Answer ask(const Server& server, std::string_view method, std::string_view target, std::string_view body,
           std::string_view content_type, std::string_view token) {
    asio::io_context io;
    asio::ip::tcp::socket socket(io);
    socket.connect({asio::ip::address_v4::loopback(), server.port()});
    const std::string request = fmt::format(
        "{} {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {}\r\nContent-Type: {}\r\n"
        "Content-Length: {}\r\n\r\n{}",
        method, target, token, content_type, body.size(), body);
    boost::system::error_code error;
    asio::write(socket, asio::buffer(request), error);
    std::string bytes;
    asio::read(socket, asio::dynamic_buffer(bytes), error);
    Answer answer;
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string::npos || !bytes.starts_with("HTTP/1.1 ")) return answer;
    answer.status = std::stoi(bytes.substr(9, 3));
    answer.head = bytes.substr(0, end + 2);
    answer.body = bytes.substr(end + 4);
    if (answer.head.find("Transfer-Encoding: chunked") != std::string::npos)
        answer.body = unchunk(answer.body);
    return answer;
}

std::vector<std::string> watch_lines(const Server& server, std::string_view target) {
    const Answer answer = ask(server, "GET", target);
    std::vector<std::string> lines;
    std::string_view rest = answer.body;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return lines;
}

std::string configmap(std::string_view name, std::string_view label) {
    return fmt::format(R"({{"metadata":{{"name":"{}","labels":{{"l":"{}"}}}},"data":{{"a":"b"}}}})", name,
                       label);
}

Answer create_project(const Server& server, std::string_view name) {
    ask(server, "POST", organizations, R"({"metadata":{"name":"org"},"spec":{"type":"Standard"}})");
    const std::string path = fmt::format("{}/org/control-plane{}", organizations, projects);
    const std::string body = fmt::format(
        R"({{"metadata":{{"name":"{}","labels":{{"l":"x"}}}},"spec":{{"ownerRef":{{"kind":"Organization","name":"org"}}}}}})",
        name);
    return ask(server, "POST", path, body);
}

}  // namespace milo_perf::fake_milo::test
