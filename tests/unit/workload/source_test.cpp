#include "workload/source.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

using namespace milo_perf;
using namespace std::chrono_literals;
using load::Turn;
using stats::Verb;
using workload::Collection;
using workload::Operation;
using workload::Scope;
using workload::Source;

namespace {

using Kind = Source::Next::Kind;
using Place = std::pair<const Collection*, std::uint32_t>;

const TimePoint start = TimePoint{} + 1h;

std::vector<Collection> collections_of(int projects) {
    std::vector<Collection> made;
    for (int i = 0; i < projects; ++i)
        made.emplace_back(workload::types::secrets, Scope::project("p" + std::to_string(i)));
    return made;
}

std::vector<Place> places(Source& source) {
    std::vector<Place> given;
    for (;;) {
        const Source::Next next = source.next({});
        if (next.kind != Kind::item) break;
        given.emplace_back(next.item.collection, next.item.index);
    }
    return given;
}

/// Ever the same operation, `count` times.
class Some : public Source {
  public:
    Some(Verb verb, int count) : count_(count) { operation_.verb = verb; }
    Next next(const Turn& /*turn*/) override {
        if (waits) return Next::wait();
        return count_-- > 0 ? Next::of(operation_) : Next::done();
    }
    bool waits = false;

  private:
    Operation operation_;
    int count_;
};

}  // namespace

TEST_CASE("fill gives every number of every collection once, round and round the collections") {
    const auto collections = collections_of(3);
    const workload::ObjectRegistry nothing;
    workload::Fill fill({.verb = Verb::create}, collections, 4, nothing);
    CHECK(fill.size() == 12);
    const std::vector<Place> given = places(fill);
    CHECK(std::set(given.begin(), given.end()).size() == 12);
    REQUIRE(given.size() == 12);
    for (std::size_t i = 0; i < given.size(); ++i)
        CHECK(given[i] == Place{&collections[i % 3], static_cast<std::uint32_t>(i / 3)});
    CHECK(fill.next({}).kind == Kind::done);
}

TEST_CASE("fill leaves out what is there") {
    const auto collections = collections_of(2);
    workload::ObjectRegistry existing;
    existing.add(collections[0], 0);
    existing.add(collections[1], 2);
    existing.add(collections[1], 7);
    workload::Fill fill({}, collections, 3, existing);
    CHECK(fill.size() == 4);
    const std::vector<Place> given = places(fill);
    CHECK(given ==
          std::vector<Place>{
              {&collections[1], 0}, {&collections[0], 1}, {&collections[1], 1}, {&collections[0], 2}});
    workload::Fill none({}, collections, 0, existing);
    CHECK(places(none).empty());
}

TEST_CASE("sources in order follow one another") {
    Some creates(Verb::create, 2);
    Some lists(Verb::list, 1);
    workload::InOrder both({&creates, &lists});
    CHECK(both.next({}).item.verb == Verb::create);
    CHECK(both.next({}).item.verb == Verb::create);
    CHECK(both.next({}).item.verb == Verb::list);
    CHECK(both.next({}).kind == Kind::done);
}

TEST_CASE("engage asks once in every collection") {
    const auto collections = collections_of(5);
    workload::Each engage = workload::engage({.verb = Verb::list, .page_size = 1}, collections);
    CHECK(engage.size() == 5);
    std::set<const Collection*> asked;
    for (auto next = engage.next({}); next.kind == Kind::item; next = engage.next({})) {
        CHECK(next.item.verb == Verb::list);
        CHECK(next.item.page_size == 1);
        asked.insert(next.item.collection);
    }
    CHECK(asked.size() == 5);
}

TEST_CASE("steady by time: what is asked for before the hold leads up to it, and nothing comes after") {
    const auto collections = collections_of(2);
    std::uint32_t next_index = 10;
    workload::Steady steady({.verb = Verb::get}, {.verb = Verb::create}, collections,
                            {.from = start + 1s, .until = start + 2s}, next_index);
    CHECK(steady.next({0, start}).item.verb == Verb::get);
    CHECK(steady.next({0, start + 999ms}).item.verb == Verb::get);
    const auto held = steady.next({0, start + 1s});
    CHECK(held.item.verb == Verb::create);
    CHECK(held.item.index == 12);
    CHECK(steady.next({0, start + 2s}).kind == Kind::done);
    CHECK(steady.held() == 1);
    CHECK(next_index == 13);
}

TEST_CASE("steady by count gives exactly that many, all with numbers of their own") {
    const auto collections = collections_of(3);
    std::uint32_t next_index = 0;
    workload::Steady steady({.verb = Verb::get}, {.verb = Verb::create}, collections,
                            {.before = 4, .total = 10}, next_index);
    std::map<Verb, int> verbs;
    std::set<std::uint32_t> numbers;
    for (auto next = steady.next({}); next.kind == Kind::item; next = steady.next({})) {
        ++verbs[next.item.verb];
        numbers.insert(next.item.index);
        CHECK(next.item.collection == &collections[next.item.index % 3]);
    }
    CHECK(verbs[Verb::get] == 4);
    CHECK(verbs[Verb::create] == 6);
    CHECK(numbers.size() == 10);
}

TEST_CASE("a lane of steady slots stays in one collection for a visit") {
    const auto collections = collections_of(3);
    std::uint32_t next_index = 0;
    workload::Steady steady({}, {}, collections, {.until = start + 1h, .slots_per_lane = 2, .visit = 4},
                            next_index);
    for (int round = 0; round < 2; ++round) {
        for (std::uint32_t slot = 0; slot < 4; ++slot) {
            const auto next = steady.next({slot, start});
            CHECK(next.item.collection == &collections[slot / 2]);
        }
    }
    CHECK(steady.next({0, start}).item.collection == &collections[2]);
    CHECK(steady.next({2, start}).item.collection == &collections[0]);
    CHECK(steady.next({1, start}).item.collection == &collections[2]);
}

TEST_CASE("reads draw from what is there, deletes take it out, and both wait when nothing is") {
    const auto collections = collections_of(2);
    workload::ObjectRegistry registry;
    workload::Draw reads({.verb = Verb::get}, registry, 1);
    workload::Draw deletes({.verb = Verb::delete_}, registry, 2);
    CHECK(reads.next({}).kind == Kind::wait);
    for (std::uint32_t i = 0; i < 50; ++i) registry.add(collections[i % 2], i);
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 1000; ++i) {
        const auto next = reads.next({});
        CHECK(registry.contains(*next.item.collection, next.item.index));
        seen.insert(next.item.index);
    }
    CHECK(seen.size() == 50);
    std::set<std::uint32_t> deleted;
    for (auto next = deletes.next({}); next.kind == Kind::item; next = deletes.next({})) {
        CHECK_FALSE(registry.contains(*next.item.collection, next.item.index));
        deleted.insert(next.item.index);
    }
    CHECK(deleted.size() == 50);
    CHECK(registry.size() == 0);
    CHECK(reads.next({}).kind == Kind::wait);
}

TEST_CASE("a mix keeps its weights, and ends with its count, its time or its last source") {
    Some creates(Verb::create, 1'000'000);
    Some gets(Verb::get, 1'000'000);
    workload::Mix mix({{3, &creates}, {1, &gets}}, 7, 4000, start + 1s);
    std::map<Verb, int> verbs;
    for (int i = 0; i < 4000; ++i) ++verbs[mix.next({0, start}).item.verb];
    // Of 4,000 with a share of 3/4 the standard deviation is 27.
    CHECK(verbs[Verb::create] > 2850);
    CHECK(verbs[Verb::create] < 3150);
    CHECK(mix.next({0, start}).kind == Kind::done);
    workload::Mix timed({{1, &gets}}, 7, 100, start + 1s);
    CHECK(timed.next({0, start}).kind == Kind::item);
    CHECK(timed.next({0, start + 1s}).kind == Kind::done);
    Some few(Verb::list, 3);
    workload::Mix short_lived({{1, &few}}, 7);
    for (int i = 0; i < 3; ++i) CHECK(short_lived.next({0, start}).kind == Kind::item);
    CHECK(short_lived.next({0, start}).kind == Kind::done);
}

TEST_CASE("a mix passes over a source that waits, and waits when all do") {
    Some creates(Verb::create, 2);
    Some gets(Verb::get, 100);
    gets.waits = true;
    workload::Mix mix({{1, &creates}, {1000, &gets}}, 3);
    CHECK(mix.next({0, start}).item.verb == Verb::create);
    CHECK(mix.next({0, start}).item.verb == Verb::create);
    CHECK(mix.next({0, start}).kind == Kind::wait);
    gets.waits = false;
    CHECK(mix.next({0, start}).item.verb == Verb::get);
}

TEST_CASE("the same seed gives the same mix") {
    Some creates(Verb::create, 1000);
    Some gets(Verb::get, 1000);
    workload::Mix one({{1, &creates}, {2, &gets}}, 42);
    workload::Mix same({{1, &creates}, {2, &gets}}, 42);
    for (int i = 0; i < 100; ++i) CHECK(one.next({0, start}).item.verb == same.next({0, start}).item.verb);
}
