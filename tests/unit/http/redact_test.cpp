#include "http/redact.hpp"

#include <doctest/doctest.h>

using milo_perf::http::without_credentials;
using milo_perf::http::without_header_values;

TEST_CASE("a token is blanked wherever a server repeats it") {
    CHECK(without_credentials("tok-1 and tok-1", "Bearer tok-1") == "[redacted] and [redacted]");
    CHECK(without_credentials("nothing of it", "Bearer tok-1") == "nothing of it");
    CHECK(without_credentials("anonymous", "") == "anonymous");
    CHECK(without_credentials("no scheme", "tok-1") == "no scheme");
}

TEST_CASE("a token that is a part of the blank itself ends") {
    CHECK(without_credentials("red, red", "Bearer red") == "[redacted], [redacted]");
}

TEST_CASE("of Basic credentials the password is blanked too") {
    const char* user_and_password = "Basic bWU6cEBzcw==";  // me:p@ss
    CHECK(without_credentials("bWU6cEBzcw== is p@ss", user_and_password) == "[redacted] is [redacted]");
    CHECK(without_credentials("text", "Basic no-base64!") == "text");
    CHECK(without_credentials("text", "Basic bWU6") == "text");  // an empty password
}

TEST_CASE("values of header fields are blanked, but for short ones") {
    const char* fields = "X-Key: hunter2-hunter2\r\nAccountID: 7\r\nAuthorization: Bearer tok-1\r\n";
    CHECK(without_header_values("7 hunter2-hunter2 tok-1", fields) == "7 [redacted] [redacted]");
    CHECK(without_header_values("nothing", fields) == "nothing");
    CHECK(without_header_values("hunter2-hunter2", "") == "hunter2-hunter2");
    CHECK(without_header_values("x", "broken") == "x");
}
