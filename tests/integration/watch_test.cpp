#include <doctest/doctest.h>
#include <fmt/format.h>

#include <functional>
#include <map>

#include "base/error.hpp"
#include "base/nursery.hpp"
#include "harness.hpp"
#include "kube/watch.hpp"

using namespace milo_perf;
using namespace milo_perf::test;
using fake_milo::Fault;
using fake_milo::Milliseconds;
using fake_milo::refuse;

namespace {

/// What a follower of the root's ConfigMaps has been told; the state that it must come to is the server's.
struct Seen {
    std::map<std::string, std::string> objects;
    int deleted = 0;
    int listed = 0;
    int events = 0;
    std::vector<std::string> notices;
};

kube::WatchHandlers handlers_of(Seen& seen) {
    kube::WatchHandlers handlers;
    handlers.on_object = [&seen](boost::json::object& object) {
        const auto& metadata = object.at("metadata").as_object();
        seen.objects[std::string(metadata.at("name").as_string())] =
            std::string(metadata.at("resourceVersion").as_string());
        ++seen.events;
    };
    handlers.on_deleted = [&seen](boost::json::object& object) {
        seen.objects.erase(std::string(object.at("metadata").at("name").as_string()));
        ++seen.deleted;
    };
    handlers.on_listed = [&seen] { ++seen.listed; };
    handlers.on_notice = [&seen](std::string notice) { seen.notices.push_back(std::move(notice)); };
    return handlers;
}

kube::WatchOptions options_of(Harness& harness) {
    kube::WatchOptions options;
    options.path = configmaps_path;
    options.label_selector = "test-id=mine";
    options.request_length = std::chrono::seconds(10);
    options.silence = std::chrono::seconds(10);
    options.list_series = harness.series;
    options.watch_series = harness.get_series;
    return options;
}

void put(Harness& harness, const std::string& name) {
    harness.server.put_object(configmaps_path + "/" + name, R"({"metadata":{"labels":{"test-id":"mine"}}})");
}

using Step = std::function<void()>;
using Condition = std::function<bool()>;

/// Follows; does `step` once the first list is there, and stops as soon as `condition` holds.
boost::asio::awaitable<bool> follow_until(Harness& harness, kube::WatchOptions options, Seen& seen, Step step,
                                          Condition condition) {
    Nursery group(harness.io.get_executor());
    group.spawn(kube::follow(*harness.client, std::move(options), handlers_of(seen)));
    const TimePoint deadline = Clock::now() + std::chrono::seconds(30);
    bool stepped = false;
    while (Clock::now() < deadline && group.running() > 0) {
        if (seen.listed > 0 && !std::exchange(stepped, true)) step();
        if (stepped && condition()) break;
        co_await sleep_until(Clock::now() + std::chrono::milliseconds(2));
    }
    const bool met = stepped && condition();
    group.cancel();
    co_await group.close();
    co_return met;
}

/// One object before, four changes at once and six one after another during the watch; all must be seen under
/// the fault.
void check_nothing_lost(Harness& harness, Seen& seen, kube::WatchOptions options) {
    put(harness, "before");
    int next = 0;
    const Step step = [&harness, &next] {
        while (next < 4) put(harness, fmt::format("c{}", next++));
    };
    const Condition all = [&harness, &seen, &next] {
        if (next < 10) put(harness, fmt::format("c{}", next++));
        return seen.objects.size() == 11;
    };
    const bool met = harness.run(follow_until(harness, std::move(options), seen, step, all));
    CHECK(met);
}

Fault watch_fault(fake_milo::WatchFault what, std::uint64_t count) {
    Fault fault;
    fault.match = {.method = "watch", .count = count};
    fault.watch = what;
    return fault;
}

}  // namespace

TEST_CASE("a good watch sees each object once on one request") {
    Harness harness;
    Seen seen;
    check_nothing_lost(harness, seen, options_of(harness));
    CHECK(seen.events == 11);
    CHECK(seen.listed == 1);
    CHECK(seen.notices.empty());
    CHECK(harness.server.stats().requests_of("list configmaps") == 1);
    CHECK(harness.server.stats().requests_of("watch configmaps") == 1);
}

TEST_CASE("a watch that breaks goes on where it stopped, without a new list") {
    for (const bool half_line : {false, true}) {
        CAPTURE(half_line);
        Harness harness;
        Seen seen;
        fake_milo::WatchFault what;
        what.close_after = Milliseconds(1);
        what.half_line = half_line;
        harness.server.add_fault(watch_fault(what, 5));
        check_nothing_lost(harness, seen, options_of(harness));
        CHECK(seen.listed == 1);
        CHECK(seen.events == 11);
        CHECK(harness.server.stats().requests_of("watch configmaps") >= 2);
    }
}

TEST_CASE("a watch that ends after every event loses none and repeats none") {
    Harness harness;
    Seen seen;
    fake_milo::WatchFault what;
    what.close_after_events = 1;
    harness.server.add_fault(watch_fault(what, 1000));
    check_nothing_lost(harness, seen, options_of(harness));
    CHECK(seen.events == 11);
    CHECK(harness.server.stats().requests_of("watch configmaps") >= 10);
}

TEST_CASE("410 means a new list: as status and as event") {
    for (const bool as_event : {false, true}) {
        CAPTURE(as_event);
        Harness harness;
        Seen seen;
        fake_milo::WatchFault what;
        what.gone_event = true;
        harness.server.add_fault(as_event ? watch_fault(what, 1)
                                          : refuse({.method = "watch", .count = 1}, 410));
        check_nothing_lost(harness, seen, options_of(harness));
        CHECK(harness.server.stats().requests_of("list configmaps") == 2);
        CHECK(seen.listed == 2);
        CHECK(seen.notices.size() == 1);
    }
}

TEST_CASE("split, doubled and reordered events come to the same end") {
    fake_milo::WatchFault split;
    split.split = true;
    fake_milo::WatchFault duplicate;
    duplicate.duplicate = true;
    fake_milo::WatchFault reorder;
    reorder.reorder = true;
    for (const fake_milo::WatchFault& what : {split, duplicate, reorder}) {
        Harness harness;
        Seen seen;
        harness.server.add_fault(watch_fault(what, 1000));
        check_nothing_lost(harness, seen, options_of(harness));
        CHECK(seen.listed == 1);
        CHECK(seen.notices.empty());
    }
}

TEST_CASE("refusals of a watch are tried again, final ones end it with a sentence") {
    for (const int status : {429, 500, 503}) {
        CAPTURE(status);
        Harness harness;
        Seen seen;
        harness.server.add_fault(
            refuse({.method = "watch", .count = 2}, status, {}, "etcdserver: no leader"));
        check_nothing_lost(harness, seen, options_of(harness));
        CHECK(harness.server.stats().requests_of("watch configmaps") == 3);
    }
    Harness harness;
    Seen seen;
    harness.server.add_fault(refuse({.method = "watch"}, 403));
    CHECK_THROWS_AS(check_nothing_lost(harness, seen, options_of(harness)), UserError);
}

TEST_CASE("a silent peer is noticed") {
    Harness harness;
    Seen seen;
    kube::WatchOptions options = options_of(harness);
    options.silence = std::chrono::milliseconds(300);
    fake_milo::WatchFault what;
    what.silence = true;
    harness.server.add_fault(watch_fault(what, 1));
    check_nothing_lost(harness, seen, options);
    CHECK(seen.notices.size() >= 1);
}

TEST_CASE("bookmarks alone keep a watch alive and move its version on") {
    fake_milo::Options server_options;
    server_options.bookmark_period = Milliseconds(50);
    Harness harness(server_options);
    Seen seen;
    kube::WatchOptions options = options_of(harness);
    options.silence = std::chrono::milliseconds(2000);
    // Changes of others only: nothing for our selector, but the store's version moves on.
    const Step others = [&harness] {
        for (int i = 0; i < 5; ++i) harness.server.put_object(configmaps_path + fmt::format("/o{}", i), "{}");
    };
    const TimePoint until = Clock::now() + std::chrono::milliseconds(800);
    const Condition later = [until] { return Clock::now() >= until; };
    CHECK(harness.run(follow_until(harness, options, seen, others, later)));
    CHECK(seen.events == 0);
    CHECK(seen.notices.empty());
    CHECK(harness.server.stats().requests_of("watch configmaps") == 1);
}

TEST_CASE("a line that is no JSON breaks the watch, not the follower") {
    Harness harness;
    Seen seen;
    fake_milo::WatchFault what;
    what.malformed_line = true;
    harness.server.add_fault(watch_fault(what, 2));
    check_nothing_lost(harness, seen, options_of(harness));
    CHECK(seen.notices.size() == 2);
}

TEST_CASE("DELETED is told, and so is what a new list no longer names") {
    Harness harness;
    Seen seen;
    put(harness, "a");
    put(harness, "b");
    const Step step = [&harness] { harness.server.delete_object(configmaps_path + "/a"); };
    const Condition gone = [&seen] { return seen.deleted == 1; };
    CHECK(harness.run(follow_until(harness, options_of(harness), seen, step, gone)));
    CHECK(seen.objects.size() == 1);
}

TEST_CASE("a restarted server is followed again") {
    Harness harness;
    Seen seen;
    put(harness, "before");
    const Step step = [&harness] {
        harness.server.stop_listening();
        harness.server.drop_connections();
        for (int i = 0; i < 10; ++i) put(harness, fmt::format("c{}", i));
        harness.server.start_listening();
    };
    const Condition all = [&seen] { return seen.objects.size() == 11; };
    CHECK(harness.run(follow_until(harness, options_of(harness), seen, step, all)));
    CHECK(seen.events == 11);
}
