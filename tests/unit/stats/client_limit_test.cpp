#include "stats/client_limit.hpp"

#include <doctest/doctest.h>

using namespace milo_perf;
using namespace std::chrono_literals;
using stats::client_limit;
using stats::ClientLimit;

TEST_CASE("a core nearly used up is saturation, whatever else there is") {
    CHECK(client_limit({.wall = 1s, .cpu = 900ms}) == ClientLimit::saturated);
    CHECK(client_limit({.wall = 1s, .cpu = 950ms, .run_delay = 50ms, .lag_p99 = 20ms}) ==
          ClientLimit::saturated);
    CHECK(client_limit({.wall = 1s, .cpu = 899ms}) == ClientLimit::none);
}

TEST_CASE("a lag that waiting for a CPU explains is starvation") {
    CHECK(client_limit({.wall = 1s, .cpu = 80ms, .run_delay = 300ms, .lag_p99 = 25ms}) ==
          ClientLimit::starved);
    CHECK(client_limit({.wall = 1s, .cpu = 80ms, .run_delay = 25ms, .lag_p99 = 25ms}) ==
          ClientLimit::starved);
}

TEST_CASE("a lag without a wait for a CPU is the client's own work") {
    CHECK(client_limit({.wall = 1s, .cpu = 300ms, .run_delay = 2ms, .lag_p99 = 25ms}) ==
          ClientLimit::saturated);
}

TEST_CASE("a wait for a CPU that makes nothing late limits nothing") {
    CHECK(client_limit({.wall = 1s, .cpu = 500ms, .run_delay = 300ms, .lag_p99 = 10ms}) == ClientLimit::none);
}

TEST_CASE("where the kernel tells no wait, the CPU share decides") {
    CHECK(client_limit({.wall = 1s, .cpu = 80ms, .lag_p99 = 25ms}) == ClientLimit::starved);
    CHECK(client_limit({.wall = 1s, .cpu = 500ms, .lag_p99 = 25ms}) == ClientLimit::saturated);
    CHECK(client_limit({.wall = 1s, .cpu = 80ms, .lag_p99 = 9ms}) == ClientLimit::none);
}

TEST_CASE("limits have names") {
    CHECK(to_string(ClientLimit::none) == "none");
    CHECK(to_string(ClientLimit::saturated) == "saturated");
    CHECK(to_string(ClientLimit::starved) == "starved");
}
