#include "config/values.hpp"

#include <doctest/doctest.h>

using namespace milo_perf::config;

TEST_CASE("Prometheus durations") {
    CHECK(parse_duration_seconds("2m") == 120.0);
    CHECK(parse_duration_seconds("1h30m") == 5400.0);
    CHECK(parse_duration_seconds("500ms") == 0.5);
    CHECK(parse_duration_seconds("1d") == 86400.0);
    CHECK(parse_duration_seconds("1m30s500ms") == 90.5);
    for (const char* wrong : {"", "2", "m", "2 m", "-2m", "2.5m", "30s1m", "1m1m", "2x", "1h30"}) {
        CAPTURE(wrong);
        CHECK_FALSE(parse_duration_seconds(wrong));
    }
}

TEST_CASE("booleans in the usual spellings") {
    for (const char* yes : {"true", "True", "1", "yes", "ON"}) CHECK(parse_boolean(yes) == true);
    for (const char* no : {"false", "FALSE", "0", "no", "off"}) CHECK(parse_boolean(no) == false);
    for (const char* wrong : {"", "t", "2", "truee"}) CHECK_FALSE(parse_boolean(wrong));
}

TEST_CASE("numbers are taken whole or not at all") {
    CHECK(parse_number("0.5") == 0.5);
    CHECK(parse_number("1e3") == 1000.0);
    for (const char* wrong : {"", "1,5", "1 ", " 1", "inf", "nan", "0x10", "1e999"})
        CHECK_FALSE(parse_number(wrong));
    CHECK(parse_whole_number("18446744073709551615") == 18446744073709551615ULL);
    for (const char* wrong : {"", "-1", "+1", "1.0", "18446744073709551616"})
        CHECK_FALSE(parse_whole_number(wrong));
}

TEST_CASE("numbers are shown as they would be typed") {
    CHECK(format_number(90) == "90");
    CHECK(format_number(0.1) == "0.1");
    CHECK(format_number(1000000) == "1000000");
}

TEST_CASE("headers, separated as VictoriaMetrics' own flags have them") {
    CHECK(parse_headers("") == "");
    CHECK(parse_headers("X-Scope-OrgID: team-a") == "X-Scope-OrgID: team-a\r\n");
    CHECK(parse_headers("AccountID:7^^ ProjectID :  9 ") == "AccountID: 7\r\nProjectID: 9\r\n");
    CHECK(parse_headers("A: b: c, d; e^f") == "A: b: c, d; e^f\r\n");
    for (const char* wrong : {"A", ": b", "A:", "A b: c", "A: b\r\nC: d", "A: b^^", "Host: x",
                              "content-length: 3", "A: b^^Transfer-Encoding: chunked", "A\t: \x7f"}) {
        CAPTURE(wrong);
        const bool trailing = std::string_view(wrong) == "A: b^^";
        CHECK(parse_headers(wrong).has_value() == trailing);
    }
}
