#include <doctest/doctest.h>
#include <fmt/format.h>

#include "base/nursery.hpp"
#include "harness.hpp"

using namespace milo_perf;
using namespace milo_perf::test;
using fake_milo::Effect;
using fake_milo::Fault;
using fake_milo::refuse;
namespace asio = boost::asio;

namespace {

Fault effect_on(std::string method, Effect effect, std::uint64_t count = 1) {
    Fault fault;
    fault.match = {.method = std::move(method), .count = count};
    fault.effect = effect;
    return fault;
}

/// The figures that a create of one object leaves behind.
void check_stored_once(Harness& harness) {
    const fake_milo::Stats stats = harness.server.stats();
    CHECK(stats.created_of("configmaps") == 1);
    CHECK(stats.created_twice.empty());
}

}  // namespace

TEST_CASE("transient refusals are tried again, and every attempt is counted") {
    struct Refusal {
        int status;
        const char* body;
        const char* cause;
    };
    const char* webhook =
        R"({"kind":"Status","status":"Failure","message":"Internal error occurred: failed calling webhook \"v.example\": Post \"https://x/\": EOF","reason":"InternalError","code":500})";
    const char* storage =
        R"({"kind":"Status","status":"Failure","message":"storage is (re)initializing","reason":"TooManyRequests","code":429})";
    for (const Refusal& refusal :
         {Refusal{429, "", "http_429"}, Refusal{429, storage, "storage_initializing"},
          Refusal{500, webhook, "webhook"}, Refusal{502, "bad gateway", "http_502"},
          Refusal{503, "", "http_503"}, Refusal{504, "", "http_504"}}) {
        CAPTURE(refusal.status);
        Harness harness;
        harness.server.add_fault(refuse({.method = "create", .count = 2}, refusal.status, {}, refusal.body));
        const kube::CreateReply created = harness.create("a");
        CHECK(created.creation == kube::Creation::created);
        CHECK(created.reply.attempts == 3);
        CHECK(harness.server.stats().requests_of("create configmaps") == 3);
        const stats::Series& series = harness.recorder.at(harness.series);
        CHECK(series.attempts == 3);
        CHECK(series.attempts_failed == 2);
        CHECK(series.retries == 2);
        CHECK(series.retries_by_cause[refusal.cause] == 2);
        CHECK(series.operations_ok() == 1);
        check_stored_once(harness);
    }
}

TEST_CASE("final refusals are asked once and say what the server said") {
    for (const int status : {400, 403, 404, 405, 413, 415, 422, 501}) {
        CAPTURE(status);
        Harness harness;
        harness.server.add_fault(
            refuse({.method = "create"}, status, {},
                   R"({"kind":"Status","message":"exceeded quota: insufficient quota","code":0})"));
        const kube::CreateReply created = harness.create("a");
        CHECK(created.creation == kube::Creation::failed);
        CHECK(created.reply.status == status);
        CHECK(created.reply.message.find("insufficient quota") != std::string::npos);
        CHECK(harness.server.stats().requests == 1);
    }
}

TEST_CASE("a plain 500 is final") {
    Harness harness;
    harness.server.add_fault(refuse({.method = "create"}, 500));
    CHECK(harness.create("a").creation == kube::Creation::failed);
    CHECK(harness.server.stats().requests == 1);
}

TEST_CASE("redirects are not followed") {
    Harness harness;
    for (const int status : {301, 302, 307, 308}) {
        harness.server.reset_stats();
        harness.server.clear_faults();
        harness.server.add_fault(
            refuse({.method = "create"}, status, {{"Location", "https://elsewhere.example/"}}));
        CHECK(harness.create("a").creation == kube::Creation::failed);
        CHECK(harness.server.stats().requests == 1);
    }
}

TEST_CASE("attempts end with the policy's number") {
    Harness harness;
    harness.server.add_fault(refuse({.method = "create"}, 503));
    const kube::CreateReply created = harness.create("a");
    CHECK(created.creation == kube::Creation::failed);
    CHECK(harness.server.stats().requests == 6);
    CHECK(harness.recorder.at(harness.series).operations_failed == 1);
}

TEST_CASE("Retry-After is waited for") {
    Harness harness;
    std::string value = "1";
    harness.server.add_fault(refuse({.method = "create", .count = 1}, 429, {{"Retry-After", value}}));
    const kube::CreateReply created = harness.create("a");
    CHECK(created.creation == kube::Creation::created);
    // What was waited is exact in the accounts; the clock of a busy machine is not asked.
    CHECK(harness.recorder.at(harness.series).backoff == std::chrono::seconds(1));
}

TEST_CASE("a 5xx that says when to come back, and a quota that was not evaluated in time, are tried again") {
    for (const int status : {500, 501, 507}) {
        CAPTURE(status);
        Harness harness;
        harness.server.add_fault(refuse({.method = "create", .count = 2}, status, {{"Retry-After", "0"}},
                                        R"({"kind":"Status","message":"please try again","code":500})"));
        const kube::CreateReply created = harness.create("a");
        CHECK(created.creation == kube::Creation::created);
        CHECK(created.reply.attempts == 3);
    }
    Harness harness;
    harness.server.add_fault(refuse(
        {.method = "create", .count = 1}, 500, {},
        R"({"kind":"Status","message":"Internal error occurred: resource quota evaluation timed out","code":500})"));
    CHECK(harness.create("a").creation == kube::Creation::created);
}

TEST_CASE("a control plane that is being set up is waited for, and counted as such") {
    for (const int status : {429, 500, 503}) {
        CAPTURE(status);
        Harness harness;
        harness.server.add_fault(refuse({.method = "create", .count = 3}, status, {},
                                        R"({"kind":"Status","message":"storage is (re)initializing"})"));
        CHECK(harness.create("a").creation == kube::Creation::created);
        CHECK(harness.recorder.at(harness.series).retries_by_cause["storage_initializing"] == 3);
    }
}

TEST_CASE("resets around a create leave exactly one object") {
    struct Case {
        Effect effect;
        kube::Creation creation;
    };
    for (const bool warm : {false, true}) {
        for (const Case& c : {Case{Effect::reset_before_body, kube::Creation::created},
                              Case{Effect::reset_before_store, kube::Creation::created},
                              Case{Effect::reset_after_store, kube::Creation::existing},
                              Case{Effect::reset_in_answer, kube::Creation::existing},
                              Case{Effect::truncated_answer, kube::Creation::existing}}) {
            CAPTURE(static_cast<int>(c.effect));
            CAPTURE(warm);
            Harness harness;
            // With a kept-alive connection the client sends again at once; else it is a retry.
            if (warm) harness.call("GET", "/version");
            harness.server.add_fault(effect_on("create", c.effect));
            const kube::CreateReply created = harness.create("a");
            CHECK(created.creation == c.creation);
            CHECK(harness.server.stats().requests_of("create configmaps") == 2);
            check_stored_once(harness);
        }
    }
}

namespace {

asio::awaitable<void> create_for_ever(Harness& harness) {
    const kube::CreateCall call{.collection_path = "/api/v1/namespaces/default/configmaps",
                                .object_path = "/api/v1/namespaces/default/configmaps/a",
                                .body = "{}",
                                .owner_label = {"test-id", "mine"},
                                .series = harness.series,
                                .get_series = harness.get_series};
    kube::CreateReply reply;
    co_await harness.client->create(call, reply);
}

asio::awaitable<void> end_in_back_off(Harness& harness) {
    Nursery group(co_await asio::this_coro::executor);
    group.spawn(create_for_ever(harness));
    while (harness.recorder.at(harness.series).retries == 0)
        co_await sleep_until(Clock::now() + std::chrono::milliseconds(1));
    group.cancel();
    co_await group.close();
}

}  // namespace

TEST_CASE("an operation that is ended while it waits for its next attempt is booked as cancelled") {
    Harness harness;
    harness.server.add_fault(refuse({.method = "create"}, 503, {{"Retry-After", "30"}}));
    harness.run(end_in_back_off(harness));
    const stats::Series& creates = harness.recorder.at(harness.series);
    CHECK(creates.operations_started == 1);
    CHECK(creates.operations_cancelled == 1);
    CHECK(creates.operations_failed == 0);
    CHECK(harness.recorder.in_flight() == 0);
}

TEST_CASE("a conflict over nothing, as parallel creates under a quota get it, is tried again") {
    Harness harness;
    harness.server.add_fault(refuse(
        {.method = "create", .count = 2}, 409, {},
        R"({"kind":"Status","message":"Operation cannot be fulfilled on resourcequotas \"q\"","reason":"Conflict","code":409})"));
    CHECK(harness.create("a").creation == kube::Creation::created);
    const stats::Series& creates = harness.recorder.at(harness.series);
    CHECK(creates.retries_by_cause["http_409"] == 2);
    CHECK(creates.operations_ok() == 1);
    check_stored_once(harness);
}

TEST_CASE("whose an object is that cannot be looked at is told with the reason") {
    Harness harness;
    CHECK(harness.create("a").creation == kube::Creation::created);
    harness.server.add_fault(
        refuse({.method = "get"}, 403, {}, R"({"kind":"Status","message":"get is forbidden","code":403})"));
    const kube::CreateReply created = harness.create("a");
    CHECK(created.creation == kube::Creation::failed);
    CHECK(created.reply.message.find("whose it is could not be seen: get is forbidden") != std::string::npos);
    CHECK(harness.recorder.at(harness.series).failures_by_cause["http_403"] == 1);
}

TEST_CASE("409 counts as done only for an object with our label") {
    Harness harness;
    CHECK(harness.create("ours").creation == kube::Creation::created);
    CHECK(harness.create("ours").creation == kube::Creation::existing);
    const stats::Series& creates = harness.recorder.at(harness.series);
    CHECK(creates.operations_failed == 0);
    CHECK(creates.statuses[409] == 1);
    CHECK(harness.create("theirs", "other").creation == kube::Creation::created);
    const kube::CreateReply foreign = harness.create("theirs", "other");
    CHECK(foreign.creation == kube::Creation::failed);
    CHECK(foreign.reply.status == 409);
    CHECK(creates.operations_failed == 1);
    CHECK(creates.failures_by_cause["http_409"] == 1);
    CHECK(creates.operations_finished == creates.operations_started);
    CHECK(harness.server.stats().requests_of("get configmaps") == 2);
}

TEST_CASE("answers that cannot be used") {
    struct Case {
        Effect effect;
        const char* cause;
    };
    for (const Case& c : {Case{Effect::not_http, "malformed"}, Case{Effect::gzip_body, "malformed"},
                          Case{Effect::huge_header, "too_large"}}) {
        CAPTURE(c.cause);
        CAPTURE(static_cast<int>(c.effect));
        Harness harness;
        harness.create("a");
        harness.server.add_fault(effect_on("get", c.effect, 1000));
        const kube::Reply reply = harness.call("GET", configmaps_path + "/a");
        CHECK_FALSE(reply.ok());
        CHECK(reply.judgement.cause == c.cause);
    }
}

TEST_CASE("a body that never ends is bounded") {
    http::Limits limits = quick_limits();
    limits.max_body_bytes = 256 * 1024;
    for (const Effect effect : {Effect::huge_body, Effect::endless_body}) {
        Harness harness({}, limits);
        Fault fault = effect_on("get", effect, 1000);
        fault.size_bytes = 1024ULL * 1024 * 1024;
        harness.server.add_fault(fault);
        const kube::Reply reply = harness.call("GET", "/version");
        CHECK_FALSE(reply.ok());
        CHECK(reply.judgement.cause == "too_large");
        CHECK(harness.server.stats().requests == 1);
    }
}

TEST_CASE("answers that are odd but good") {
    for (const Effect effect : {Effect::no_content_length, Effect::slow_writer, Effect::slow_reader}) {
        CAPTURE(static_cast<int>(effect));
        Harness harness;
        harness.server.add_fault(effect_on("", effect));
        CHECK(harness.call("GET", "/version").ok());
        CHECK(harness.call("GET", "/version").ok());
        CHECK(harness.server.stats().requests == 2);
    }
}

TEST_CASE("no answer in time is a timeout, and the object is found to be there") {
    http::Limits limits = quick_limits();
    limits.request_timeout = std::chrono::milliseconds(500);
    for (const Effect effect : {Effect::stall, Effect::stall_after_store, Effect::stall_in_answer}) {
        CAPTURE(static_cast<int>(effect));
        Harness harness({}, limits);
        harness.server.add_fault(effect_on("create", effect));
        const kube::CreateReply created = harness.create("a");
        CHECK(created.creation ==
              (effect == Effect::stall ? kube::Creation::created : kube::Creation::existing));
        CHECK(harness.recorder.at(harness.series).retries_by_cause["timeout"] == 1);
        check_stored_once(harness);
    }
}
