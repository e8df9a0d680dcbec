#include "kube/credentials.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>

#include "kube/credentials_file.hpp"
#include "unit/kube/kube_test_support.hpp"

using namespace milo_perf;
using namespace milo_perf::kube;
using namespace std::chrono_literals;
using test::contains;
using test::sentence_of;

namespace {

const TimePoint start{1h};

std::string refresh(Credentials& credentials) {
    boost::asio::io_context context;
    return test::run(context, credentials.refresh());
}

}  // namespace

TEST_CASE("credentials are replaced a fifth of their lifetime before their end, 30 seconds at most") {
    CHECK(refresh_margin(10s) == 2s);
    CHECK(refresh_margin(1h) == 30s);
    CHECK(refresh_margin(-5s) == 0s);
    RefreshSchedule schedule;
    CHECK(schedule.due(start));
    schedule.fetched(start, 1h, true);
    CHECK_FALSE(schedule.due(start + 1h - 31s));
    CHECK(schedule.due(start + 1h - 30s));
}

TEST_CASE("credentials without an end are good until they are refused") {
    RefreshSchedule schedule;
    schedule.fetched(start, std::nullopt, true);
    CHECK_FALSE(schedule.due(start + 1000h));
    schedule.refused();
    CHECK(schedule.due(start));
}

TEST_CASE("fetching what was refused, or what has expired, pauses longer each time") {
    RefreshSchedule schedule;
    schedule.fetched(start, std::nullopt, true);
    TimePoint now = start;
    for (const Duration pause : {Duration(1s), Duration(2s), Duration(4s), Duration(8s), Duration(16s),
                                 Duration(30s), Duration(30s)}) {
        schedule.refused();
        schedule.fetched(now, std::nullopt, false);
        schedule.refused();
        CHECK_FALSE(schedule.due(now + pause - 1ms));
        CHECK(schedule.due(now + pause));
        now += pause;
    }
    schedule.fetched(now, std::nullopt, true);
    schedule.refused();
    CHECK(schedule.due(now));

    RefreshSchedule expired;
    expired.fetched(start, -1s, true);
    CHECK_FALSE(expired.due(start));
    CHECK(expired.due(start + 1s));
}

TEST_CASE("a failed fetch is tried again after a pause") {
    RefreshSchedule schedule;
    schedule.failed(start);
    CHECK_FALSE(schedule.due(start + 999ms));
    CHECK(schedule.due(start + 1s));
}

TEST_CASE("a token file is read again after a minute and after a 401") {
    const test::TempFolder folder;
    const auto token = folder.write("token", "first\n");
    const auto credentials = make_file_credentials({.token = token,
                                                    .client_certificate = {},
                                                    .client_key = {},
                                                    .authorization = {},
                                                    .inline_certificate = {}});
    CHECK(credentials->authorization() == "Bearer first");
    folder.write("token", "second\n");
    CHECK_FALSE(credentials->refresh_due(Clock::now()));
    CHECK(credentials->refresh_due(Clock::now() + RefreshSchedule::file_period));
    credentials->invalidate("Bearer first", credentials->client_certificate_generation());
    REQUIRE(credentials->refresh_due(Clock::now()));
    CHECK(refresh(*credentials).empty());
    CHECK(credentials->authorization() == "Bearer second");
    CHECK(credentials->client_certificate_generation() == 0);
}

TEST_CASE("a token file that goes away leaves the token that was there, with a sentence") {
    const test::TempFolder folder;
    const auto token = folder.write("token", "first");
    const auto credentials = make_file_credentials({.token = token,
                                                    .client_certificate = {},
                                                    .client_key = {},
                                                    .authorization = {},
                                                    .inline_certificate = {}});
    for (const char* text : {"", "two\nlines\n"}) {
        folder.write("token", text);
        CHECK(contains(refresh(*credentials), token.string()));
        CHECK(credentials->authorization() == "Bearer first");
    }
    std::filesystem::remove(token);
    CHECK(contains(refresh(*credentials), "cannot be read (No such file or directory)"));
    CHECK(credentials->authorization() == "Bearer first");
    CHECK(contains(sentence_of([&] {
                       make_file_credentials({.token = token,
                                              .client_certificate = {},
                                              .client_key = {},
                                              .authorization = {},
                                              .inline_certificate = {}});
                   }),
                   "tokenFile"));
}

TEST_CASE("a rotated client certificate counts as a change, the same one does not") {
    const test::TempFolder folder;
    const auto write = [&] {
        const test::TestCertificate mine = test::make_certificate();
        folder.write("crt", mine.certificate_pem);
        folder.write("key", mine.key_pem);
    };
    write();
    const auto credentials = make_file_credentials({.token = {},
                                                    .client_certificate = folder.path() / "crt",
                                                    .client_key = folder.path() / "key",
                                                    .authorization = {},
                                                    .inline_certificate = {}});
    const std::uint64_t before = credentials->client_certificate_generation();
    const ClientCertificate first = credentials->client_certificate();
    CHECK(refresh(*credentials).empty());
    CHECK(credentials->client_certificate_generation() == before);
    write();
    CHECK(refresh(*credentials).empty());
    CHECK(credentials->client_certificate_generation() == before + 1);
    CHECK_FALSE(credentials->client_certificate() == first);
    // Certificate and key are two files: while one is new and the other old, the pair before stays.
    folder.write("key", test::make_certificate().key_pem);
    CHECK(contains(refresh(*credentials), "cannot be used"));
    CHECK(credentials->client_certificate_generation() == before + 1);
}

TEST_CASE("tokens and passwords that a header cannot hold") {
    CHECK(bearer_authorization("", "the kubeconfig").empty());
    CHECK(basic_authorization("me", "p:w") == "Basic bWU6cDp3");
    const std::string sentence =
        sentence_of([] { bearer_authorization("hunter2\r\nX: 1", "the kubeconfig"); });
    CHECK(contains(sentence, "The token in the kubeconfig holds a character that no HTTP header may hold"));
    CHECK_FALSE(contains(sentence, "hunter2"));
}
