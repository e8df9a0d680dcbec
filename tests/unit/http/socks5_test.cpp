#include "http/socks5.hpp"

#include <doctest/doctest.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <thread>

namespace asio = boost::asio;
using asio::ip::tcp;
using namespace milo_perf::http;
using namespace std::string_literals;

namespace {

/// What the proxy waits for, and what it says then.
struct Step {
    std::string expected;
    std::string answer;
};

/// Lets a client talk to a proxy that follows a script and then closes; `heard` gets what it did not expect.
Socks5Result talk(const Proxy& proxy, const std::string& host, std::vector<Step> steps,
                  std::string* left = nullptr) {
    asio::io_context io;
    tcp::acceptor acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    bool as_expected = true;
    std::thread server([&] {
        tcp::socket peer(io);
        acceptor.accept(peer);
        for (const Step& step : steps) {
            std::string got(step.expected.size(), '\0');
            boost::system::error_code error;
            asio::read(peer, asio::buffer(got), error);
            if (got != step.expected) as_expected = false;
            asio::write(peer, asio::buffer(step.answer), error);
        }
    });
    tcp::socket socket(io);
    socket.connect(acceptor.local_endpoint());
    Socks5Result result;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> { result = co_await open_socks5_tunnel(socket, proxy, host, 6443); },
        asio::detached);
    io.run();
    if (left != nullptr) {
        boost::system::error_code end;
        asio::read(socket, asio::dynamic_buffer(*left), end);
    }
    socket.close();
    server.join();
    CHECK(as_expected);
    return result;
}

Proxy with_user(std::string user, std::string password) {
    Proxy proxy;
    proxy.socks5 = true;
    proxy.user = std::move(user);
    proxy.password = std::move(password);
    return proxy;
}

const std::string hello = "\x05\x01\x00"s;
const std::string hello_with_password = "\x05\x02\x00\x02"s;
const std::string to_host = "\x05\x01\x00\x03\x04milo\x19\x2b"s;
const std::string granted = "\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50"s;

}  // namespace

TEST_CASE("requests: a name is the proxy's to look up, an address goes as it is") {
    CHECK(socks5_connect_request("milo", 6443) == to_host);
    CHECK(socks5_connect_request("10.0.0.1", 80) == "\x05\x01\x00\x01\x0a\x00\x00\x01\x00\x50"s);
    CHECK(socks5_connect_request("fd00::1", 443) ==
          "\x05\x01\x00\x04\xfd\x00"s + std::string(13, '\0') + "\x01\x01\xbb"s);
    CHECK(socks5_connect_request(std::string(256, 'a'), 443).empty());
}

TEST_CASE("a tunnel stands, and what follows the reply is the server's") {
    std::string left;
    CHECK(talk({}, "milo", {{hello, "\x05\x00"s}, {to_host, granted + "server"}}, &left).ok());
    CHECK(left == "server");
    CHECK(talk(with_user("me", "pw"), "milo",
               {{hello_with_password, "\x05\x02"s}, {"\x01\x02me\x02pw"s, "\x01\x00"s}, {to_host, granted}})
              .ok());
    CHECK(talk(with_user("me", ""), "milo",
               {{hello_with_password, "\x05\x00"s}, {to_host, "\x05\x00\x00\x03\x01x\x00\x50"s}})
              .ok());
    CHECK(talk({}, "milo", {{hello, "\x05\x00"s}, {to_host, "\x05\x00\x00\x04"s + std::string(18, '\0')}})
              .ok());
}

TEST_CASE("a tunnel that is refused says why, without the password") {
    CHECK(talk({}, "milo", {{hello, "\x05\xff"s}}).refusal == "that it wants another way of authentication");
    CHECK(talk({}, "milo", {{hello, "\x05\x02"s}}).refusal == "that it wants another way of authentication");
    CHECK(talk({}, "milo", {{hello, "HT"s}}).refusal == "with something that is no SOCKS5");
    CHECK(talk(with_user("me", "hunter2"), "milo",
               {{hello_with_password, "\x05\x02"s}, {"\x01\x02me\x07hunter2"s, "\x01\x01"s}})
              .refusal == "that user and password are wrong");
    CHECK(talk({}, "milo", {{hello, "\x05\x00"s}, {to_host, "\x05\x04"s}}).refusal == "host unreachable");
    CHECK(talk({}, "milo", {{hello, "\x05\x00"s}, {to_host, "\x05\x63"s}}).refusal == "unknown reply");
    CHECK(talk({}, "milo", {{hello, "\x05\x00"s}, {to_host, "\x05\x00\x00\x09\x00"s}}).refusal ==
          "with something that is no SOCKS5");
    CHECK(talk({}, "milo", {{hello, "\x05"s}}).error == asio::error::eof);
}
