#include "kube/rfc3339.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace milo_perf;
using namespace milo_perf::kube;
using namespace std::chrono;

TEST_CASE("RFC 3339 times") {
    const WallTime noon = WallTime{sys_days{2026y / January / 31}} + 12h;
    CHECK(parse_rfc3339("2026-01-31T12:00:00Z") == noon);
    CHECK(parse_rfc3339("2026-01-31t12:00:00z") == noon);
    CHECK(parse_rfc3339("2026-01-31T13:30:00+01:30") == noon);
    CHECK(parse_rfc3339("2026-01-31T09:00:00-03:00") == noon);
    CHECK(parse_rfc3339("2026-01-31T12:00:00.25Z") == noon + 250ms);
    CHECK(parse_rfc3339("2026-01-31T12:00:00.1234567890123Z") == noon + nanoseconds(123456789));
    CHECK(parse_rfc3339("0001-01-01T00:00:00Z") == WallTime{});
    CHECK(parse_rfc3339("9999-12-31T23:59:59Z") == WallTime{sys_days{2262y / January / 1}});
}

TEST_CASE("texts that are no RFC 3339 time") {
    for (const char* text : {"", "2026", "2026-01-31", "2026-01-31 12:00:00Z", "2026-01-31T12:00:00",
                             "2026-02-30T12:00:00Z", "2026-01-31T24:00:00Z", "2026-01-31T12:60:00Z",
                             "2026-01-31T12:00:61Z", "2026-01-31T12:00:00.Z", "2026-01-31T12:00:00Zx",
                             "2026-01-31T12:00:00+0100", "-026-01-31T12:00:00Z", "20x6-01-31T12:00:00Z"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_rfc3339(text));
    }
}
