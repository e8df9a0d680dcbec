#include "load/open_loop.hpp"

#include <doctest/doctest.h>

using namespace milo_perf;
using namespace std::chrono_literals;
using load::Arrival;
using load::ArrivalSchedule;
using load::OpenLoop;
using load::OpenLoopLimits;
using load::RateProfile;
using Action = load::OpenLoop::Action;

namespace {

const TimePoint start{20s};

OpenLoop loop(double rate, std::uint64_t count, OpenLoopLimits limits) {
    return OpenLoop(ArrivalSchedule(RateProfile::constant(rate), Arrival::uniform, 1, start, count), limits);
}

}  // namespace

TEST_CASE("sends come at their planned times, then it is done") {
    auto open = loop(100, 3, {});
    for (int k = 0; k < 3; ++k) {
        const TimePoint planned = start + k * 10ms;
        if (k > 0) {
            const auto wait = open.next(planned - 1ms);
            CHECK(wait.action == Action::wait_until);
            CHECK(*wait.at == planned);
        }
        const auto send = open.next(planned);
        CHECK(send.action == Action::send);
        CHECK(*send.at == planned);
        CHECK_FALSE(send.late);
    }
    CHECK(open.next(start + 1s).action == Action::done);
    CHECK(open.sent() == 3);
    CHECK(open.in_flight() == 3);
    CHECK(open.late() == 0);
    CHECK(open.dropped() == 0);
    CHECK(open.never_due() == 0);
}

TEST_CASE("a send is late after 10 ms, not at 10 ms") {
    auto open = loop(100, 2, {});
    CHECK_FALSE(open.next(start + 10ms).late);
    CHECK(open.next(start + 20ms + 1ns).late);
    CHECK(open.late() == 1);
}

TEST_CASE("at the limit a due send waits for a slot and keeps its planned time") {
    OpenLoopLimits limits;
    limits.max_in_flight = 1;
    auto open = loop(100, 2, limits);
    CHECK(open.next(start).action == Action::send);
    CHECK(open.next(start + 5ms).action == Action::wait_until);
    CHECK(open.next(start + 10ms).action == Action::wait_for_slot);
    open.finished();
    const auto step = open.next(start + 500ms);
    CHECK(step.action == Action::send);
    CHECK(step.late);
    CHECK(*step.at == start + 10ms);
    CHECK(open.in_flight() == 1);
}

TEST_CASE("a send that waited too long is dropped") {
    OpenLoopLimits limits;
    limits.max_in_flight = 1;
    limits.drop_after = 50ms;
    auto open = loop(100, 3, limits);
    CHECK(open.next(start).action == Action::send);
    const auto wait = open.next(start + 10ms);
    CHECK(wait.action == Action::wait_for_slot);
    CHECK(*wait.at == start + 60ms);
    const auto drop = open.next(*wait.at);
    CHECK(drop.action == Action::drop);
    CHECK(*drop.at == start + 10ms);
    open.finished();
    CHECK(open.next(start + 61ms).action == Action::send);
    CHECK(open.dropped() == 1);
    CHECK(open.sent() == 2);
    CHECK(open.next(start + 61ms).action == Action::done);
}

TEST_CASE("past the end's grace the rest is dropped, so that a stalled server ends the phase") {
    OpenLoopLimits limits;
    limits.max_in_flight = 1;
    limits.end_grace = 5s;
    auto open = loop(10, 10, limits);
    CHECK(open.next(start).action == Action::send);
    const auto wait = open.next(start + 100ms);
    CHECK(wait.action == Action::wait_for_slot);
    CHECK(*wait.at == start + 1s + 5s);
    int dropped = 0;
    while (open.next(start + 6s).action == Action::drop) ++dropped;
    CHECK(dropped == 9);
    CHECK(open.dropped() == 9);
    CHECK(open.next(start + 6s).action == Action::done);
}

TEST_CASE("a send that is due within the grace is made, however late") {
    OpenLoopLimits limits;
    limits.end_grace = 5s;
    auto open = loop(10, 10, limits);
    for (int k = 0; k < 10; ++k) CHECK(open.next(start + 6s).action == Action::send);
    CHECK(open.late() == 10);
    CHECK(open.dropped() == 0);
}

TEST_CASE("arrivals that a ramp never gives are told") {
    OpenLoop open(ArrivalSchedule(RateProfile::parse("1s@5,1s@0"), Arrival::uniform, 1, start, 20), {});
    int sent = 0;
    while (open.next(start + 1s).action == Action::send) ++sent;
    CHECK(sent == 5);
    CHECK(open.never_due() == 15);
}
