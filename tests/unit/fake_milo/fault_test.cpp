#include <doctest/doctest.h>
#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include "plain_client.hpp"

using namespace milo_perf::fake_milo;
using namespace milo_perf::fake_milo::test;
namespace json = boost::json;

namespace {

std::string watch_path(std::string_view rest) {
    return fmt::format("{}?watch=true&{}", configmaps, rest);
}

std::string version_of_list(const Server& server) {
    const json::value list = json::parse(ask(server, "GET", configmaps).body);
    return std::string(list.at("metadata").at("resourceVersion").as_string());
}

std::string type_of(const std::string& line) {
    return std::string(json::parse(line).at("type").as_string());
}

}  // namespace

TEST_CASE("a watch gives what came after its version, by selector, and ends by itself") {
    Server server(plain_options());
    ask(server, "POST", configmaps, configmap("before", "x"));
    const std::string version = version_of_list(server);
    ask(server, "POST", configmaps, configmap("a", "x"));
    ask(server, "POST", configmaps, configmap("b", "y"));
    ask(server, "DELETE", std::string(configmaps) + "/a");
    const auto lines =
        watch_lines(server, watch_path("timeoutSeconds=1&labelSelector=l%3Dx&resourceVersion=" + version));
    REQUIRE(lines.size() == 2);
    CHECK(type_of(lines[0]) == "ADDED");
    CHECK(type_of(lines[1]) == "DELETED");
    CHECK(server.stats().watches_open == 0);
}

TEST_CASE("a watch from forgotten versions gets 410 as an event") {
    Server server(plain_options());
    const std::string version = version_of_list(server);
    server.compact();
    const auto lines = watch_lines(server, watch_path("resourceVersion=" + version));
    REQUIRE(lines.size() == 1);
    CHECK(type_of(lines[0]) == "ERROR");
    CHECK(json::parse(lines[0]).at("object").at("code").as_int64() == 410);
}

TEST_CASE("watch faults: split, duplicate, reorder, close after so many events, bookmarks only") {
    Server server(plain_options());
    const std::string version = version_of_list(server);
    for (const char* name : {"a", "b", "c"}) ask(server, "POST", configmaps, configmap(name, "x"));
    Fault fault;
    fault.match = {.method = "watch", .count = 1};
    fault.watch.close_after = Milliseconds(100);
    SUBCASE("split") {
        fault.watch.split = true;
        server.add_fault(fault);
        CHECK(watch_lines(server, watch_path("resourceVersion=" + version)).size() == 3);
    }
    SUBCASE("duplicate") {
        fault.watch.duplicate = true;
        server.add_fault(fault);
        CHECK(watch_lines(server, watch_path("resourceVersion=" + version)).size() == 6);
    }
    SUBCASE("reorder") {
        fault.watch.reorder = true;
        server.add_fault(fault);
        const auto lines = watch_lines(server, watch_path("resourceVersion=" + version));
        REQUIRE(lines.size() == 3);
        CHECK(json::parse(lines[0]).at("object").at("metadata").at("name").as_string() == "c");
    }
    SUBCASE("close after two") {
        fault.watch.close_after_events = 2;
        server.add_fault(fault);
        CHECK(watch_lines(server, watch_path("resourceVersion=" + version)).size() == 2);
    }
    SUBCASE("bookmarks only") {
        fault.watch.bookmarks_only = true;
        fault.watch.close_after = Milliseconds(1500);
        server.add_fault(fault);
        const auto lines =
            watch_lines(server, watch_path("allowWatchBookmarks=true&resourceVersion=" + version));
        REQUIRE(lines.size() == 1);
        CHECK(type_of(lines[0]) == "BOOKMARK");
    }
}

TEST_CASE("rules count what fits them: nth, every, count, phase, verb") {
    FaultPlan plan(1);
    const auto fires = [&plan](std::string_view method, std::string_view verb) {
        return plan.decide(method, verb, "/x/secrets").fault.effect == Effect::status;
    };
    plan.add(refuse({.method = "create", .path = "secrets", .every = 3, .count = 2}, 500));
    int fired = 0;
    for (int i = 0; i < 12; ++i) fired += fires("POST", "create") ? 1 : 0;
    CHECK(fired == 2);
    plan.clear();
    const std::size_t rule = plan.add(refuse({.method = "GET", .phase = "objects", .nth = 2}, 500));
    CHECK_FALSE(fires("GET", "get"));
    plan.set_phase("objects");
    CHECK_FALSE(fires("GET", "get"));
    CHECK_FALSE(fires("POST", "create"));
    CHECK(fires("GET", "get"));
    CHECK_FALSE(fires("GET", "get"));
    CHECK(plan.fired(rule) == 1);
}

TEST_CASE("answers are spoiled, before or after the object is stored") {
    Server server(plain_options());
    const auto create = [&server](Effect effect) {
        Fault fault;
        fault.match = {.method = "create", .count = 1};
        fault.effect = effect;
        server.add_fault(fault);
        return ask(server, "POST", configmaps, configmap("a", "x"));
    };
    const auto stored = [&server] { return server.stats().objects_of("configmaps") == 1; };
    CHECK(create(Effect::reset_before_body).status == 0);
    CHECK(create(Effect::reset_before_store).status == 0);
    CHECK_FALSE(stored());
    CHECK(create(Effect::reset_after_store).status == 0);
    CHECK(stored());
    const Answer truncated = create(Effect::truncated_answer);
    CHECK(truncated.body.find(R"("code":409)") == std::string::npos);
    CHECK(create(Effect::not_http).status == 0);
    CHECK(create(Effect::no_content_length).head.find("Content-Length") == std::string::npos);
    CHECK(create(Effect::gzip_body).head.find("Content-Encoding: gzip") != std::string::npos);
    CHECK(create(Effect::huge_header).head.size() > 1024 * 1024);
    CHECK(create(Effect::huge_body).body.size() == 1024 * 1024);
    CHECK(create(Effect::slow_writer).status == 409);
    CHECK(create(Effect::slow_reader).status == 409);
    server.add_fault(refuse({.count = 1}, 429, {{"Retry-After", "3"}}));
    CHECK(ask(server, "GET", "/version").head.find("Retry-After: 3") != std::string::npos);
}

TEST_CASE("rules are read from text") {
    const Fault fault = parse_fault("effect=status,status=429,retry-after=1,method=create,probability=0.5");
    CHECK(fault.effect == Effect::status);
    CHECK(fault.status == 429);
    CHECK(fault.match.probability == doctest::Approx(0.5));
    CHECK_THROWS_AS(parse_fault("effect=nonsense"), std::invalid_argument);
    CHECK_THROWS_AS(parse_fault("status=abc"), std::invalid_argument);
}
