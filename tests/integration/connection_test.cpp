#include <doctest/doctest.h>
#include <fmt/format.h>

#include <set>

#include "base/nursery.hpp"
#include "harness.hpp"

using namespace milo_perf;
using namespace milo_perf::test;
using fake_milo::Certificate;
using fake_milo::ConnectionFault;

namespace {

boost::asio::awaitable<void> create_one(Harness& harness, int number, int& created) {
    const std::string name = fmt::format("c{}", number);
    const std::string body =
        fmt::format(R"({{"metadata":{{"name":"{}","labels":{{"test-id":"mine"}}}}}})", name);
    const std::string path = configmaps_path + "/" + name;
    const kube::CreateCall call{.collection_path = configmaps_path,
                                .object_path = path,
                                .body = body,
                                .owner_label = {"test-id", "mine"},
                                .series = harness.series,
                                .get_series = harness.get_series};
    kube::CreateReply reply;
    co_await harness.client->create(call, reply);
    if (reply.creation != kube::Creation::failed) ++created;
}

boost::asio::awaitable<int> create_many(Harness& harness, int count, std::size_t at_once) {
    int created = 0;
    Nursery group(harness.io.get_executor());
    for (int i = 0; i < count; ++i) {
        co_await group.wait_below(at_once);
        group.spawn(create_one(harness, i, created));
    }
    co_await group.close();
    co_return created;
}

std::string with_ca_of(const fake_milo::Server& server) {
    return server.kubeconfig_text();
}

}  // namespace

TEST_CASE("kept-alive connections are used again, and no more are opened than allowed") {
    Harness harness;
    CHECK(harness.run(create_many(harness, 400, 32)) == 400);
    const fake_milo::Stats stats = harness.server.stats();
    CHECK(stats.objects_of("configmaps") == 400);
    CHECK(stats.requests == 400);
    CHECK(stats.connections_accepted <= 8);
    CHECK(stats.peak_connections <= 8);
    CHECK(harness.client->counters().tls_handshakes == stats.handshakes);
}

TEST_CASE("connections that the server closes lose nothing and make nothing twice") {
    for (const bool announced : {true, false}) {
        for (const std::uint64_t requests : {1, 3}) {
            CAPTURE(announced);
            CAPTURE(requests);
            Harness harness;
            harness.server.set_requests_per_connection(requests, announced);
            CHECK(harness.run(create_many(harness, 100, 8)) == 100);
            const fake_milo::Stats stats = harness.server.stats();
            CHECK(stats.objects_of("configmaps") == 100);
            CHECK(stats.created_twice.empty());
            CHECK(harness.recorder.at(harness.series).operations_failed == 0);
        }
    }
}

TEST_CASE("new connections resume the TLS session") {
    Harness harness;
    harness.server.set_requests_per_connection(1, true);
    for (int i = 0; i < 5; ++i) CHECK(harness.call("GET", "/version").ok());
    CHECK(harness.server.stats().sessions_resumed >= 3);
    CHECK(harness.client->counters().tls_sessions_resumed == harness.server.stats().sessions_resumed);
}

TEST_CASE("connections that fail at first are tried again") {
    for (const auto kind :
         {ConnectionFault::Kind::reset, ConnectionFault::Kind::close, ConnectionFault::Kind::garbage}) {
        CAPTURE(static_cast<int>(kind));
        Harness harness;
        harness.server.add_fault(ConnectionFault{.kind = kind, .count = 2});
        const kube::CreateReply created = harness.create("a");
        CHECK(created.creation == kube::Creation::created);
        CHECK(created.reply.attempts == 3);
        CHECK(harness.server.stats().requests == 1);
        CHECK(harness.server.stats().connections_accepted == 3);
    }
}

TEST_CASE("a connection on which nothing happens is given up") {
    http::Limits limits = quick_limits();
    limits.connect_timeout = std::chrono::milliseconds(300);
    Harness harness({}, limits);
    harness.server.add_fault(ConnectionFault{.kind = ConnectionFault::Kind::stall, .count = 1});
    CHECK(harness.create("a").creation == kube::Creation::created);
    CHECK(harness.recorder.at(harness.series).retries_by_cause["connect_timeout"] == 1);
}

TEST_CASE("a server that is down is told as refused, and found when it is back") {
    Harness harness;
    CHECK(harness.call("GET", "/version").ok());
    harness.server.stop_listening();
    harness.server.drop_connections();
    const kube::Reply down = harness.call("GET", "/version");
    CHECK_FALSE(down.ok());
    CHECK(down.judgement.cause == "refused");
    harness.server.start_listening();
    CHECK(harness.call("GET", "/version").ok());
}

TEST_CASE("a certificate that does not verify is refused before any request") {
    for (const Certificate bad : {Certificate::expired, Certificate::other_host}) {
        CAPTURE(static_cast<int>(bad));
        Harness harness;
        harness.server.set_certificate(bad);
        const kube::Reply reply = harness.call("GET", "/version");
        CHECK_FALSE(reply.ok());
        CHECK(reply.judgement.cause == "tls");
        CHECK(reply.message.find("certificate") != std::string::npos);
        CHECK(harness.server.stats().requests == 0);
    }
}

TEST_CASE("a server certificate may be rotated during the run") {
    Harness harness;
    CHECK(harness.create("a").creation == kube::Creation::created);
    harness.server.rotate_certificate();
    harness.server.drop_connections();
    CHECK(harness.create("b").creation == kube::Creation::created);
    CHECK(harness.server.stats().handshakes >= 2);
}

TEST_CASE("a client certificate lets in, and no credentials do not") {
    Harness harness;
    harness.server.set_tokens({});
    CHECK(harness.call("GET", "/version").status == 401);
    harness.use_kubeconfig(harness.server.kubeconfig_with_certificate());
    CHECK(harness.call("GET", "/version").ok());
    harness.server.set_requests_per_connection(1, true);
    for (int i = 0; i < 4; ++i) CHECK(harness.call("GET", "/version").ok());
}

TEST_CASE("a rotated token is read anew from its file, once") {
    Harness harness;
    const TemporaryFile token("fake-token\n");
    std::string config = with_ca_of(harness.server);
    const std::string inline_token = "token: \"fake-token\"";
    const std::size_t at = config.find(inline_token);
    REQUIRE(at != std::string::npos);
    config.replace(at, inline_token.size(), "tokenFile: \"" + token.path().string() + "\"");
    harness.use_kubeconfig(config);
    CHECK(harness.create("a").creation == kube::Creation::created);
    token.write("second-token\n");
    harness.server.set_tokens({"second-token"});
    const kube::CreateReply created = harness.create("b");
    CHECK(created.creation == kube::Creation::created);
    CHECK(created.reply.attempts == 2);
    CHECK(harness.server.stats().requests == 3);
    // Many in flight at once: all get through.
    token.write("third-token\n");
    harness.server.set_tokens({"third-token"});
    CHECK(harness.run(create_many(harness, 50, 8)) == 50);
}

TEST_CASE("a token that stays refused ends the call and is not told") {
    Harness harness;
    harness.server.set_tokens({"other"});
    const kube::Reply reply = harness.call("GET", "/version");
    CHECK(reply.status == 401);
    CHECK(reply.message.find("fake-token") == std::string::npos);
}

TEST_CASE("a list goes through all pages") {
    Harness harness;
    for (int i = 0; i < 1203; ++i) {
        harness.server.put_object(configmaps_path + fmt::format("/c{:04}", i),
                                  R"({"metadata":{"labels":{"test-id":"mine"}}})");
    }
    harness.server.add_fault(fake_milo::refuse({.method = "list", .nth = 2}, 503));
    std::set<std::string> names;
    std::string version;
    const kube::Reply reply = harness.run(harness.client->list(
        configmaps_path, {.label_selector = "test-id=mine"}, harness.series,
        [&names](boost::json::object& object) {
            names.insert(std::string(object.at("metadata").at("name").as_string()));
        },
        &version));
    CHECK(reply.ok());
    CHECK(names.size() == 1203);
    CHECK_FALSE(version.empty());
    CHECK(harness.server.stats().requests_of("list configmaps") == 4);
}
