#include "load/driver.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <random>
#include <set>
#include <stdexcept>

using namespace milo_perf;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

/// Sleeps a little for each item, and keeps accounts.
class Worker {
  public:
    struct Scratch {
        int uses = 0;
    };

    asio::awaitable<void> run(const std::size_t& item, TimePoint planned, Scratch& scratch) {
        struct Inside {
            explicit Inside(Worker& of) : worker(of) { worker.most = std::max(worker.most, ++worker.inside); }
            Inside(const Inside&) = delete;
            Inside& operator=(const Inside&) = delete;
            ~Inside() { --worker.inside; }
            Worker& worker;
        } here(*this);
        ++scratch.uses;
        longest_use = std::max(longest_use, scratch.uses);
        started.push_back(item);
        starts.emplace_back(planned, Clock::now());
        co_await sleep_until(Clock::now() + pause(item));
        if (item == fails_at) throw std::runtime_error("the executor failed");
        ended.push_back(item);
    }
    void late(const std::size_t& item) { late_items.push_back(item); }
    void dropped(const std::size_t& item) { dropped_items.push_back(item); }

    Duration longest = 2ms;
    std::size_t fails_at = ~std::size_t{0};

    std::vector<std::size_t> started;
    std::vector<std::size_t> ended;
    std::vector<std::pair<TimePoint, TimePoint>> starts;
    std::vector<std::size_t> late_items;
    std::vector<std::size_t> dropped_items;
    int inside = 0;
    int most = 0;
    int longest_use = 0;

  private:
    /// Different for each item, the same in every run.
    Duration pause(std::size_t item) const {
        std::minstd_rand random(static_cast<unsigned>(item + 1));
        return longest * static_cast<int>(random() % 100) / 100;
    }
};

void run_to_end(asio::awaitable<void> task) {
    asio::io_context io(1);
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(task), [&failure](const std::exception_ptr& error) { failure = error; });
    io.run();
    if (failure) std::rethrow_exception(failure);
}

/// Cancels a loop after a time. That nothing is left of it then is checked by the nursery, which ends the
/// program otherwise, and by the accounts.
asio::awaitable<void> cut_short(asio::awaitable<void> loop, Duration after, bool& ended) {
    ended = co_await finish_before(Clock::now() + after, std::move(loop));
}

load::OpenLoop arrivals(double rate, std::uint64_t count, load::OpenLoopLimits limits = {}) {
    return {load::ArrivalSchedule(load::RateProfile::constant(rate), load::Arrival::uniform, 1, Clock::now(),
                                  count),
            limits};
}

/// Gives an item only while none is in flight, and waits otherwise.
class OneByOne {
  public:
    OneByOne(const Worker& worker, std::size_t count) : worker_(worker), numbers_(count) {}

    load::Next<std::size_t> next(const load::Turn& turn) {
        if (worker_.inside > 0 || worker_.started.size() > worker_.ended.size())
            return load::Next<std::size_t>::wait();
        return numbers_.next(turn);
    }

  private:
    const Worker& worker_;
    load::Numbers numbers_;
};

}  // namespace

TEST_CASE("a closed loop does every item once, and never more at a time than it may") {
    for (const auto& [in_flight, count] :
         {std::pair{1U, 5}, {3U, 50}, {16U, 16}, {32U, 7}, {4U, 0}, {0U, 0}}) {
        CAPTURE(in_flight);
        CAPTURE(count);
        Worker worker;
        load::Numbers numbers(static_cast<std::size_t>(count));
        run_to_end(load::run_closed(in_flight, numbers, worker));
        CHECK(worker.ended.size() == static_cast<std::size_t>(count));
        CHECK(std::set(worker.ended.begin(), worker.ended.end()).size() == static_cast<std::size_t>(count));
        CHECK(worker.most == std::min(static_cast<int>(in_flight), count));
        CHECK(worker.inside == 0);
    }
}

TEST_CASE("a slot of a closed loop keeps its scratch") {
    Worker worker;
    load::Numbers numbers(20);
    run_to_end(load::run_closed(1, numbers, worker));
    CHECK(worker.longest_use == 20);
}

TEST_CASE("slots wait while their source says so, and end when nothing can change its mind") {
    Worker worker;
    OneByOne source(worker, 12);
    run_to_end(load::run_closed(5, source, worker));
    CHECK(worker.ended.size() == 12);
    CHECK(worker.most == 1);
    Worker idle;
    struct Never {
        load::Next<std::size_t> next(const load::Turn&) { return load::Next<std::size_t>::wait(); }
    } never;
    run_to_end(load::run_closed(5, never, idle));
    CHECK(idle.started.empty());
    load::OpenLoop loop = arrivals(1000, 5);
    run_to_end(load::run_open(loop, never, idle));
    CHECK(idle.started.empty());
}

TEST_CASE("what an executor throws ends a loop and leaves nothing behind") {
    for (const bool open : {false, true}) {
        CAPTURE(open);
        Worker worker;
        worker.fails_at = 3;
        load::Numbers numbers(1000);
        load::OpenLoop loop = arrivals(2000, 1000);
        CHECK_THROWS_WITH(
            run_to_end(open ? load::run_open(loop, numbers, worker) : load::run_closed(4, numbers, worker)),
            "the executor failed");
        CHECK(worker.inside == 0);
        CHECK(worker.started.size() < 1000);
    }
}

TEST_CASE("an open loop does every item once, none before its planned start") {
    Worker worker;
    load::Numbers numbers(40);
    load::OpenLoop loop = arrivals(2000, 40);
    run_to_end(load::run_open(loop, numbers, worker));
    CHECK(worker.ended.size() == 40);
    REQUIRE(worker.starts.size() == 40);
    for (std::size_t i = 0; i < worker.starts.size(); ++i) {
        const auto& [planned, started] = worker.starts[i];
        CHECK(started >= planned);
        CHECK(worker.started[i] == i);
        if (i > 0) CHECK(std::chrono::abs(planned - worker.starts[i - 1].first - 500us) < 2us);
    }
    CHECK(worker.longest_use == 1);
    CHECK(loop.in_flight() == 0);
}

TEST_CASE("an open loop never has more in flight than it may; its planned starts stay") {
    Worker worker;
    worker.longest = 20ms;
    load::Numbers numbers(60);
    load::OpenLoop loop = arrivals(10000, 60, {.max_in_flight = 3, .late_after = 1ms});
    run_to_end(load::run_open(loop, numbers, worker));
    CHECK(worker.most == 3);
    CHECK(worker.ended.size() == 60);
    CHECK(worker.late_items.size() == loop.late());
    CHECK(loop.late() > 0);
    for (std::size_t i = 1; i < worker.starts.size(); ++i)
        CHECK(std::chrono::abs(worker.starts[i].first - worker.starts[i - 1].first - 100us) < 2us);
}

TEST_CASE("what an open loop gives up is told, item by item") {
    Worker worker;
    worker.longest = 50ms;
    load::Numbers numbers(200);
    load::OpenLoop loop = arrivals(10000, 200, {.max_in_flight = 2, .drop_after = Duration(5ms)});
    run_to_end(load::run_open(loop, numbers, worker));
    CHECK(worker.dropped_items.size() == loop.dropped());
    CHECK(worker.started.size() + worker.dropped_items.size() == 200);
    std::set<std::size_t> all(worker.started.begin(), worker.started.end());
    all.insert(worker.dropped_items.begin(), worker.dropped_items.end());
    CHECK(all.size() == 200);
}

TEST_CASE("arrivals that a ramp never gives count as dropped") {
    Worker worker;
    load::Numbers numbers(50);
    load::OpenLoop loop(load::ArrivalSchedule(load::RateProfile::parse("100ms:100,100ms:0"),
                                              load::Arrival::uniform, 1, Clock::now(), 50),
                        {});
    run_to_end(load::run_open(loop, numbers, worker));
    CHECK(loop.never_due() > 0);
    CHECK(worker.dropped_items.size() == loop.never_due());
    CHECK(worker.started.size() + worker.dropped_items.size() == 50);
}

TEST_CASE("an open loop ends with its source") {
    Worker worker;
    load::Numbers numbers(5);
    load::OpenLoop loop = arrivals(5000, 100);
    run_to_end(load::run_open(loop, numbers, worker));
    CHECK(worker.ended.size() == 5);
    CHECK(loop.in_flight() == 0);
}

TEST_CASE("a loop that is cancelled at any moment leaves no child") {
    for (int step = 0; step <= 20; ++step) {
        CAPTURE(step);
        const Duration after = step * 300us;
        Worker closed;
        load::Numbers some(1'000'000);
        bool ended = true;
        run_to_end(cut_short(load::run_closed(8, some, closed), after, ended));
        CHECK_FALSE(ended);
        CHECK(closed.inside == 0);
        // At its limit, where the dispatcher waits for an end.
        Worker open;
        load::Numbers others(1'000'000);
        load::OpenLoop loop = arrivals(20000, 1'000'000, {.max_in_flight = 4});
        run_to_end(cut_short(load::run_open(loop, others, open), after, ended));
        CHECK_FALSE(ended);
        CHECK(open.inside == 0);
        // Far apart, where it waits for the next planned start.
        Worker rare;
        load::OpenLoop seldom = arrivals(1, 1'000'000);
        run_to_end(cut_short(load::run_open(seldom, others, rare), after, ended));
        CHECK_FALSE(ended);
        CHECK(rare.inside == 0);
        // Where all slots but one wait for it.
        Worker single;
        OneByOne one_by_one(single, 1'000'000);
        run_to_end(cut_short(load::run_closed(8, one_by_one, single), after, ended));
        CHECK_FALSE(ended);
        CHECK(single.inside == 0);
    }
}
