#include "base/error.hpp"

#include <doctest/doctest.h>

#include <string_view>

#include "base/url_text.hpp"

using namespace milo_perf;

TEST_CASE("a message is one line, whatever the names in it hold") {
    CHECK(one_line("a\nb\tc\x1b[31md\x7f") == "a b c [31md ");
    CHECK(one_line("ü and …") == "ü and …");
    // Bytes that are no UTF-8, C1 controls, a separator, an override, and one cut in two.
    CHECK(one_line("caf\xe9 \xc0\xaf \xff") == "caf? ?? ?");
    CHECK(one_line("a\xc2\x9b"
                   "31mb\xe2\x80\xa8"
                   "c\xe2\x80\xae"
                   "d") == "a 31mb c?d");
    CHECK(one_line("\xed\xa0\x80|\xf5\x80\x80\x80|\xe2\x82") == "???|????|??");
    CHECK(one_line("\xf0\x9f\x98\x80") == "\xf0\x9f\x98\x80");
    CHECK(UserError("user \"a\nb\" is unknown.").what() == std::string_view("user \"a b\" is unknown."));
}

TEST_CASE("a URL is shown without user and password") {
    CHECK(shown_url("http://vm:8428/p") == "http://vm:8428/p");
    CHECK(shown_url("http://user:hunter2@vm:8428/p") == "http://[redacted]@vm:8428/p");
    CHECK(shown_url("https://hunter2@vm") == "https://[redacted]@vm");
    CHECK(shown_url("https://u:hunt@er2@[::1]:1/a") == "https://[redacted]@[::1]:1/a");
    CHECK(shown_url("http://u:hun/ter2@vm/a") == "http://[redacted]@vm/a");
    CHECK(shown_url("u:hunter2@vm") == "[redacted]@vm");
    CHECK(shown_url("HTTP://u:hunter2@vm?x") == "HTTP://[redacted]@vm?x");
    CHECK(shown_url("") == "");
}
