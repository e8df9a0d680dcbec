#include "http/stream.hpp"

#include <doctest/doctest.h>
#include <sys/epoll.h>

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

using namespace milo_perf;
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// The events that an epoll of this process waits for on a descriptor; 0 when none does. See proc(5), fdinfo.
unsigned long epoll_events_of(int descriptor) {
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
        std::ifstream file(entry.path());
        for (std::string line; std::getline(file, line);) {
            std::istringstream words(line);
            std::string label;
            std::string events;
            int target = -1;
            if (words >> label >> target && label == "tfd:" && target == descriptor &&
                words >> label >> events)
                return std::stoul(events, nullptr, 16);
        }
    }
    return 0;
}

/// A stream, connected to `peer`.
struct Pair {
    asio::io_context io{1};
    tcp::acceptor acceptor{io, {asio::ip::address_v4::loopback(), 0}};
    tcp::socket peer{io};
    http::Stream stream{io.get_executor()};

    Pair() {
        run([this]() -> asio::awaitable<void> {
            co_await stream.socket().async_connect(acceptor.local_endpoint(), asio::deferred);
            co_await acceptor.async_accept(peer, asio::deferred);
        });
    }

    template <class Coroutine>
    void run(Coroutine coroutine) {
        std::exception_ptr failure;
        asio::co_spawn(io, coroutine, [&failure](const std::exception_ptr& error) { failure = error; });
        io.restart();
        io.run();
        if (failure) std::rethrow_exception(failure);
    }
};

}  // namespace

TEST_CASE("a connected stream does not make epoll tell that it can be written to") {
    Pair pair;
    const int connecting = pair.stream.socket().native_handle();
    REQUIRE((epoll_events_of(connecting) & EPOLLOUT) != 0);

    REQUIRE_FALSE(pair.stream.connected());

    const unsigned long events = epoll_events_of(pair.stream.socket().native_handle());
    CHECK((events & EPOLLIN) != 0);
    CHECK((events & EPOLLOUT) == 0);
}

TEST_CASE("a connected stream waits for bytes, and for room to write") {
    Pair pair;
    REQUIRE_FALSE(pair.stream.connected());
    std::array<char, 8> space{};
    CHECK(pair.stream.read(space).status == http::Stream::Status::want_read);
    pair.run([&]() -> asio::awaitable<void> {
        asio::write(pair.peer, asio::buffer("ready", 5));
        const auto [error] = co_await pair.stream.ready(http::Stream::Status::want_read);
        CHECK_FALSE(error);
    });
    const http::Stream::Result got = pair.stream.read(space);
    CHECK(std::string_view(space.data(), got.bytes) == "ready");

    const std::string much(1 << 20, 'x');
    while (pair.stream.write(much).status == http::Stream::Status::ok) {
    }
    pair.peer.non_blocking(true);
    std::string drain(1 << 22, '\0');
    bool writable = false;
    pair.run([&]() -> asio::awaitable<void> {
        boost::system::error_code would_block;
        while (!would_block) pair.peer.read_some(asio::buffer(drain), would_block);
        const auto [error] = co_await pair.stream.ready(http::Stream::Status::want_write);
        writable = !error;
    });
    CHECK(writable);
    CHECK(pair.stream.write("more").status == http::Stream::Status::ok);
}
