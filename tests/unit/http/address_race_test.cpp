#include "http/address_race.hpp"

#include <doctest/doctest.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <vector>

namespace asio = boost::asio;
using asio::ip::tcp;
using milo_perf::http::AddressRace;
using milo_perf::http::interleaved;

namespace {

tcp::endpoint at(const char* address, std::uint16_t port = 443) {
    return {asio::ip::make_address(address), port};
}

/// A port at which nobody takes connections: the queue of a listener that accepts none is full, and further
/// SYNs are dropped.
class SilentPort {
  public:
    explicit SilentPort(asio::io_context& io)
        : acceptor_(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
        acceptor_.listen(0);
        const auto address = acceptor_.local_endpoint();
        for (int i = 0; i < 2; ++i) {
            tcp::socket& filler = fillers_.emplace_back(io);
            filler.open(tcp::v4());
            filler.native_non_blocking(true);
            ::connect(filler.native_handle(), address.data(), static_cast<socklen_t>(address.size()));
        }
    }
    tcp::endpoint endpoint() const { return acceptor_.local_endpoint(); }

  private:
    tcp::acceptor acceptor_;
    std::vector<tcp::socket> fillers_;
};

/// A port at which nobody listens.
tcp::endpoint refused_port(asio::io_context& io) {
    return tcp::acceptor(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0)).local_endpoint();
}

struct Finish {
    boost::system::error_code error;
    std::optional<tcp::endpoint> reached;
};

Finish race(asio::io_context& io, std::vector<tcp::endpoint> addresses) {
    Finish finish;
    tcp::socket socket(io);
    AddressRace racing(io.get_executor(), std::move(addresses));
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            finish.error = co_await racing.run(socket);
            boost::system::error_code none;
            const auto reached = socket.remote_endpoint(none);
            if (!none) finish.reached = reached;
        },
        asio::detached);
    io.restart();
    io.run();
    return finish;
}

}  // namespace

TEST_CASE("the families take turns, and the first address decides which begins") {
    using Order = std::vector<tcp::endpoint>;
    CHECK(interleaved({}).empty());
    CHECK(interleaved({at("10.0.0.1")}) == Order{at("10.0.0.1")});
    CHECK(interleaved({at("fd00::1"), at("fd00::2"), at("10.0.0.1"), at("10.0.0.2")}) ==
          Order{at("fd00::1"), at("10.0.0.1"), at("fd00::2"), at("10.0.0.2")});
    CHECK(interleaved({at("10.0.0.1"), at("10.0.0.2"), at("10.0.0.3"), at("fd00::1")}) ==
          Order{at("10.0.0.1"), at("fd00::1"), at("10.0.0.2"), at("10.0.0.3")});
}

TEST_CASE("the first address that takes the connection has it") {
    asio::io_context io;
    tcp::acceptor good(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    const tcp::endpoint there = good.local_endpoint();
    const tcp::endpoint refused = refused_port(io);
    const SilentPort silent(io);
    SUBCASE("the first") {
        CHECK(race(io, {there, refused}).reached == there);
    }
    SUBCASE("the second, after one that is refused") {
        CHECK(race(io, {refused, there}).reached == there);
    }
    SUBCASE("the second, after one that is silent") {
        CHECK(race(io, {silent.endpoint(), there}).reached == there);
    }
    SUBCASE("the last of several that are silent or refused") {
        CHECK(race(io, {silent.endpoint(), refused, silent.endpoint(), there}).reached == there);
    }
}

TEST_CASE("when no address takes it, the first failure is told") {
    asio::io_context io;
    const Finish finish = race(io, {refused_port(io), refused_port(io)});
    CHECK(finish.error == asio::error::connection_refused);
    CHECK_FALSE(finish.reached);
    CHECK(race(io, {}).error == asio::error::host_not_found);
}

TEST_CASE("a race can be ended from outside and by cancelling who waits") {
    asio::io_context io;
    const SilentPort silent(io);
    tcp::socket socket(io);
    boost::system::error_code error;
    AddressRace racing(io.get_executor(), {silent.endpoint(), silent.endpoint()});
    const auto run = [&]() -> asio::awaitable<void> {
        co_await asio::this_coro::throw_if_cancelled(false);
        error = co_await racing.run(socket);
    };
    SUBCASE("from outside") {
        asio::co_spawn(io, run, asio::detached);
        asio::post(io, [&] { racing.cancel(); });
        io.run();
    }
    SUBCASE("by cancelling") {
        asio::cancellation_signal signal;
        asio::co_spawn(io, run, asio::bind_cancellation_slot(signal.slot(), asio::detached));
        asio::post(io, [&] { signal.emit(asio::cancellation_type::terminal); });
        io.run();
    }
    CHECK(error == asio::error::operation_aborted);
    CHECK_FALSE(socket.is_open());
}
