#include "base/result.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace milo_perf;

namespace {

Result<int> half(int number) {
    if (number % 2 != 0) return Error(ErrorCategory::input, "NUM must be even,\nand 3 is not: give another.");
    return number / 2;
}

Result<> written(bool ok) {
    if (ok) return {};
    return Error(ErrorCategory::server, "The ConfigMap changed meanwhile.", true);
}

}  // namespace

TEST_CASE("a result is a value or an error of one line") {
    CHECK(half(4).value() == 2);
    const Result<int> none = half(3);
    REQUIRE(none.has_error());
    CHECK(none.error().sentence == "NUM must be even, and 3 is not: give another.");
    CHECK_FALSE(none.error().retry);
    CHECK(written(true).has_value());
    CHECK(written(false).error().retry);
}

TEST_CASE("an error that nobody looks at ends the command with its exit code") {
    try {
        half(3).value();
        FAIL("there is no value");
    } catch (const UserError& problem) {
        CHECK(problem.code() == ExitCode::usage);
        CHECK(std::string(problem.what()) == "NUM must be even, and 3 is not: give another.");
        CHECK(to_error(problem).category == ErrorCategory::input);
    }
    CHECK_THROWS_AS(written(false).value(), UserError);
    CHECK(exit_code_of(ErrorCategory::server) == ExitCode::failed);
    CHECK(exit_code_of(ErrorCategory::storage) == ExitCode::failed);
}
