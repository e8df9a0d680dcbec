#include "base/error.hpp"

#include <doctest/doctest.h>

#include <string_view>

using namespace milo_perf;

TEST_CASE("a message is one line, whatever the names in it hold") {
    CHECK(one_line("a\nb\tc\x1b[31md\x7f") == "a b c [31md ");
    CHECK(one_line("ü and …") == "ü and …");
    CHECK(UserError("user \"a\nb\" is unknown.").what() == std::string_view("user \"a b\" is unknown."));
}
