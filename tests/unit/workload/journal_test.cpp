#include "workload/journal.hpp"

#include <doctest/doctest.h>

#include "base/log.hpp"

using namespace milo_perf;
using workload::Journal;

namespace {
struct Quiet {
    Quiet() { log::set_level(log::Level::off); }
    ~Quiet() { log::set_level(log::Level::info); }
};
}  // namespace

TEST_CASE("what fails ten thousand times is said once, with its count") {
    const Quiet quiet;
    Journal journal{Clock::now()};
    for (int i = 0; i < 10'000; ++i) {
        journal.failure("secrets", "secrets \"perf-secret-" + std::to_string(i) + "\" is forbidden: quota");
    }
    journal.failure("secrets", "reset");
    CHECK(journal.failures() == 10'001);
    REQUIRE(journal.warnings().size() == 2);
    CHECK(journal.main_failure() == "secrets: secrets \"…\" is forbidden: quota (10000 times)");
}

TEST_CASE("kinds of failures are bounded, their number is not lost") {
    const Quiet quiet;
    Journal journal{Clock::now()};
    for (int i = 0; i < 1'000; ++i) journal.failure("x", std::string(static_cast<std::size_t>(i) + 1, 'a'));
    CHECK(journal.failures() == 1'000);
    CHECK(journal.warnings().size() <= 60);
}

TEST_CASE("a warning that stands there already is not repeated") {
    const Quiet quiet;
    Journal journal{Clock::now()};
    journal.warning_once("a");
    journal.warning_once("a");
    CHECK(journal.warnings() == std::vector<std::string>{"a"});
}

TEST_CASE("events are bounded") {
    const Quiet quiet;
    Journal journal{Clock::now()};
    for (int i = 0; i < 2'000; ++i) journal.event("watch", "broke");
    CHECK(journal.events().size() == 500);
}
