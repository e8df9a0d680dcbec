#include "kube/retry.hpp"

#include <doctest/doctest.h>

namespace {

using namespace milo_perf;
using kube::Verdict;
using std::chrono::milliseconds;
using std::chrono::seconds;

http::Outcome answer(int status, std::string body = {}) {
    http::Outcome outcome;
    outcome.status = status;
    outcome.body = std::move(body);
    return outcome;
}

http::Outcome failure(http::Failure kind) {
    http::Outcome outcome;
    outcome.failure = kind;
    return outcome;
}

TEST_CASE("what may pass is tried again, what the server means is not") {
    CHECK(kube::judge(answer(201)).verdict == Verdict::success);
    CHECK(kube::judge(answer(401)).verdict == Verdict::reauthenticate);
    CHECK(kube::judge(answer(409)).verdict == Verdict::conflict);
    for (const int status : {429, 502, 503, 504}) {
        CAPTURE(status);
        CHECK(kube::judge(answer(status)).verdict == Verdict::retry);
    }
    for (const int status : {400, 403, 404, 413, 422, 500, 501}) {
        CAPTURE(status);
        CHECK(kube::judge(answer(status)).verdict == Verdict::final);
    }
    CHECK(kube::judge(answer(429)).cause == "http_429");
    CHECK(kube::judge(failure(http::Failure::reset)).verdict == Verdict::retry);
    CHECK(kube::judge(failure(http::Failure::too_large)).verdict == Verdict::final);
    CHECK(kube::judge(failure(http::Failure::cancelled)).verdict == Verdict::cancelled);
}

TEST_CASE("a 500 is judged by what it says") {
    for (const char* passing :
         {"Internal error occurred: failed calling webhook \"projects\": EOF", "etcdserver: leader changed",
          "storage is (re)initializing", "rpc error: code = Unavailable desc = transport is closing"}) {
        CAPTURE(passing);
        CHECK(kube::judge(answer(500, passing)).verdict == Verdict::retry);
    }
    CHECK(kube::judge(answer(500, "failed calling webhook: EOF")).cause == "webhook");
    CHECK(kube::judge(answer(500, "nil pointer dereference")).verdict == Verdict::final);
}

TEST_CASE("every 5xx that says when to come back is tried again") {
    for (const int status : {500, 501, 505, 507, 511, 599}) {
        CAPTURE(status);
        http::Outcome outcome = answer(status, "no such thing");
        CHECK(kube::judge(outcome).verdict == Verdict::final);
        for (const char* when : {"1", "0", "Mon, 04 May 2026 10:11:22 GMT"}) {
            outcome.retry_after = when;
            CHECK(kube::judge(outcome).verdict == Verdict::retry);
        }
        outcome.retry_after = "soon";
        CHECK(kube::judge(outcome).verdict == Verdict::final);
    }
    for (const int status : {400, 403, 404, 413, 422}) {
        http::Outcome outcome = answer(status);
        outcome.retry_after = "1";
        CHECK(kube::judge(outcome).verdict == Verdict::final);
    }
    CHECK(kube::judge(answer(500, "resource quota evaluation timed out")).verdict == Verdict::retry);
    CHECK(kube::judge(answer(500, "Internal error occurred: quota evaluation timed out")).verdict ==
          Verdict::retry);
    CHECK(kube::judge(answer(403, "quota evaluation timed out")).verdict == Verdict::final);
}

TEST_CASE("storage that is being set up is waited for, and counted as such") {
    for (const int status : {429, 500, 503}) {
        const kube::Judgement judgement =
            kube::judge(answer(status, R"({"kind":"Status","message":"storage is (re)initializing"})"));
        CHECK(judgement.verdict == Verdict::retry);
        CHECK(judgement.cause == "storage_initializing");
    }
    CHECK(kube::judge(answer(404, "storage is (re)initializing")).verdict == Verdict::final);
    CHECK(kube::judge(answer(429)).cause == "http_429");
}

TEST_CASE("how far a server's clock is from ours") {
    const WallTime now = WallClock::from_time_t(1777889472);  // 10:11:12
    CHECK(kube::clock_offset_seconds("Mon, 04 May 2026 10:11:12 GMT", now) == 0.5);
    CHECK(kube::clock_offset_seconds("Mon, 04 May 2026 11:11:12 GMT", now) == 3600.5);
    CHECK(kube::clock_offset_seconds("Mon, 04 May 2026 10:10:12 GMT", now) == -59.5);
    for (const char* wrong : {"", "now", "2026-05-04T10:11:12Z"})
        CHECK_FALSE(kube::clock_offset_seconds(wrong, now));
}

TEST_CASE("Retry-After is seconds or a date, which counts from the server's own clock") {
    const WallTime now = WallClock::from_time_t(1777889472);
    CHECK(kube::parse_retry_after("7", "", now) == seconds(7));
    CHECK(kube::parse_retry_after(" 7 ", "", now) == seconds(7));
    CHECK(kube::parse_retry_after("Mon, 04 May 2026 10:11:22 GMT", "Mon, 04 May 2026 10:11:12 GMT", now) ==
          seconds(10));
    CHECK(kube::parse_retry_after("Mon, 04 May 2026 10:11:02 GMT", "Mon, 04 May 2026 10:11:12 GMT", now) ==
          seconds(0));
    for (const char* wrong : {"", "soon", "-1", "7.5", "7 s"}) {
        CAPTURE(wrong);
        CHECK_FALSE(kube::parse_retry_after(wrong, "", now).has_value());
    }
}

TEST_CASE("pauses double up to the cap, by half at random, never below Retry-After, and end") {
    std::minstd_rand random(1);
    kube::Backoff backoff({.max_attempts = 5, .base = milliseconds(100), .cap = milliseconds(300)});
    for (const milliseconds whole : {milliseconds(100), milliseconds(200), milliseconds(300)}) {
        const auto pause = backoff.next(std::nullopt, random);
        REQUIRE(pause);
        CHECK(*pause >= whole / 2);
        CHECK(*pause <= whole);
    }
    CHECK(backoff.next(seconds(3), random) == seconds(3));
    CHECK_FALSE(backoff.next(std::nullopt, random).has_value());
    kube::Backoff patient({.max_attempts = 2, .longest_retry_after = seconds(60)});
    CHECK(patient.next(seconds(86'400), random) == seconds(60));
}

}  // namespace
