#include "http/name_lookup.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>

using milo_perf::http::NameLookup;
namespace asio = boost::asio;

namespace {

asio::awaitable<void> await(NameLookup& lookup, int& awaited) {
    while (!lookup.done()) co_await lookup.wait();
    ++awaited;
}

}  // namespace

TEST_CASE("all who wait for a look-up get its addresses, and who comes later does too") {
    asio::io_context io;
    NameLookup lookup(io.get_executor(), "localhost", 8443);
    int awaited = 0;
    for (int i = 0; i < 3; ++i) asio::co_spawn(io, await(lookup, awaited), asio::detached);
    io.run();
    CHECK(awaited == 3);
    CHECK_FALSE(lookup.error());
    REQUIRE_FALSE(lookup.addresses().empty());
    for (const auto& address : lookup.addresses()) {
        CHECK(address.address().is_loopback());
        CHECK(address.port() == 8443);
    }
    io.restart();
    asio::co_spawn(io, await(lookup, awaited), asio::detached);
    io.run();
    CHECK(awaited == 4);
}

TEST_CASE("a name that cannot be has an error and no address") {
    asio::io_context io;
    NameLookup lookup(io.get_executor(), "two..dots", 443);
    int awaited = 0;
    asio::co_spawn(io, await(lookup, awaited), asio::detached);
    io.run();
    CHECK(awaited == 1);
    CHECK(lookup.error());
    CHECK(lookup.addresses().empty());
}

TEST_CASE("who waits can be woken before there is an answer, and the look-up be given up") {
    asio::io_context io;
    std::optional<NameLookup> lookup(std::in_place, io.get_executor(), "localhost", std::uint16_t{443});
    bool woken = false;
    asio::co_spawn(
        io,
        [&]() -> asio::awaitable<void> {
            co_await lookup->wait();
            woken = true;
        },
        asio::detached);
    io.poll();
    lookup->wake();
    io.poll();
    CHECK(woken);
    lookup.reset();
    // An answer that is on its way finds nobody.
    io.restart();
    io.run();
}
