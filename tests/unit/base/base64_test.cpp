#include "base/base64.hpp"

#include <doctest/doctest.h>

using namespace milo_perf;

TEST_CASE("base64 there and back (RFC 4648, section 10)") {
    struct Case {
        const char* bytes;
        const char* text;
    };
    const Case cases[] = {{"", ""},
                          {"f", "Zg=="},
                          {"fo", "Zm8="},
                          {"foo", "Zm9v"},
                          {"foob", "Zm9vYg=="},
                          {"fooba", "Zm9vYmE="},
                          {"foobar", "Zm9vYmFy"}};
    for (const Case& c : cases) {
        CHECK(encode_base64(c.bytes) == c.text);
        CHECK(decode_base64(c.text) == c.bytes);
    }
    CHECK(decode_base64(" Zm9v\nYmFy\r\n") == "foobar");
}

TEST_CASE("malformed base64") {
    for (const char* text :
         {"Z", "Zg", "Zg=", "Zg=a", "=Zg=", "Z===", "====", "Zg==Zg==", "Zm9\xC3", "Zm9*"}) {
        CAPTURE(text);
        CHECK_FALSE(decode_base64(text));
    }
}
