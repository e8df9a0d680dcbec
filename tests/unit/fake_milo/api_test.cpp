#include <doctest/doctest.h>
#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <chrono>
#include <thread>

#include "plain_client.hpp"

using namespace milo_perf::fake_milo;
using namespace milo_perf::fake_milo::test;
namespace json = boost::json;

namespace {

std::size_t items_in(const std::string& body) {
    return json::parse(body).at("items").as_array().size();
}

/// Polls, since readiness comes by a timer of the server; false after 10 s.
template <class Condition>
bool eventually(Condition condition) {
    for (int i = 0; i < 1000; ++i) {
        if (condition()) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
}

}  // namespace

TEST_CASE("objects are created once, found, changed and deleted") {
    const Server server(plain_options());
    CHECK(ask(server, "POST", configmaps, configmap("a", "x")).status == 201);
    const Answer again = ask(server, "POST", configmaps, configmap("a", "x"));
    CHECK(again.status == 409);
    CHECK(json::parse(again.body).at("reason").as_string() == "AlreadyExists");
    const std::string path = std::string(configmaps) + "/a";
    CHECK(
        ask(server, "PATCH", path, R"({"data":{"a":null,"c":"d"}})", "application/merge-patch+json").status ==
        200);
    const json::value changed = json::parse(ask(server, "GET", path).body);
    CHECK(changed.at("data").as_object().size() == 1);
    CHECK(changed.at("data").at("c").as_string() == "d");
    CHECK(ask(server, "PATCH", path, "[]", "application/json-patch+json").status == 415);
    CHECK(ask(server, "PUT", path, R"({"metadata":{"name":"a","resourceVersion":"1"}})").status == 409);
    CHECK(ask(server, "DELETE", path).status == 200);
    const Answer gone = ask(server, "GET", path);
    CHECK(gone.status == 404);
    CHECK(json::parse(gone.body).at("kind").as_string() == "Status");
    const Stats stats = server.stats();
    CHECK(stats.created_of("configmaps") == 1);
    CHECK(stats.create_conflicts.at("configmaps") == 1);
    CHECK(stats.requests_of("create configmaps") == 2);
    CHECK(stats.objects_of("configmaps") == 0);
}

TEST_CASE("lists page through everything once and select by label") {
    const Server server(plain_options());
    for (int i = 0; i < 25; ++i)
        ask(server, "POST", configmaps, configmap(fmt::format("c{}", i), i % 5 == 0 ? "x" : "y"));
    std::size_t seen = 0;
    std::string token;
    int pages = 0;
    do {
        const Answer page = ask(server, "GET", fmt::format("{}?limit=10&continue={}", configmaps, token));
        REQUIRE(page.status == 200);
        seen += items_in(page.body);
        const json::value parsed = json::parse(page.body);
        const json::value* more = parsed.at("metadata").as_object().if_contains("continue");
        token = more == nullptr ? "" : std::string(more->as_string());
        ++pages;
    } while (!token.empty());
    CHECK(seen == 25);
    CHECK(pages == 3);
    CHECK(items_in(ask(server, "GET", std::string(configmaps) + "?labelSelector=l%3Dx").body) == 5);
    CHECK(items_in(ask(server, "GET", std::string(configmaps) + "?labelSelector=l!%3Dx").body) == 20);
    CHECK(items_in(ask(server, "GET", std::string(configmaps) + "?labelSelector=l+in+(x,y)").body) == 25);
    CHECK(ask(server, "DELETE", std::string(configmaps) + "?labelSelector=l%3Dx").status == 200);
    CHECK(server.stats().objects_of("configmaps") == 20);
}

TEST_CASE("a Project needs its Organization's scope, becomes Ready, has a storage of its own, and goes") {
    const Server server(plain_options());
    const std::string body =
        R"({"metadata":{"name":"p"},"spec":{"ownerRef":{"kind":"Organization","name":"org"}}})";
    CHECK(ask(server, "POST", projects, body).status == 403);
    const Answer created = create_project(server, "p");
    CHECK(created.status == 201);
    CHECK(created.body.find(R"("status":"Unknown")") != std::string::npos);
    CHECK(create_project(server, std::string(56, 'p')).status == 403);
    const std::string path = std::string(projects) + "/p";
    REQUIRE(eventually([&] { return server.object(path).find(R"("status":"True")") != std::string::npos; }));
    const std::string secrets = path + "/control-plane/api/v1/namespaces/default/secrets";
    CHECK(ask(server, "POST", secrets, configmap("s", "x")).status == 201);
    CHECK(items_in(ask(server, "GET", "/api/v1/namespaces/default/secrets").body) == 0);
    CHECK(items_in(ask(server, "GET", secrets).body) == 1);
    CHECK(ask(server, "DELETE", path).status == 200);
    REQUIRE(eventually([&] { return ask(server, "GET", path).status == 404; }));
    CHECK(server.stats().objects_of("secrets") == 0);
    CHECK(ask(server, "POST", secrets, configmap("s", "x")).status == 404);
}

TEST_CASE("who is not known is refused, and discovery answers") {
    Server server(plain_options());
    CHECK(ask(server, "GET", "/version", "", "", "wrong").status == 401);
    CHECK(ask(server, "GET", "/version").status == 200);
    CHECK(ask(server, "GET", "/readyz").body == "ok");
    CHECK(ask(server, "GET", "/apis/resourcemanager.miloapis.com/v1alpha1").status == 200);
    CHECK(ask(server, "GET", "/apis/nothing/v1/things").status == 404);
    server.deny_access("create", "secrets");
    const Answer review = ask(server, "POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                              R"({"spec":{"resourceAttributes":{"verb":"create","resource":"secrets"}}})");
    CHECK(json::parse(review.body).at("status").at("allowed").as_bool() == false);
    server.set_tokens({"other"});
    CHECK(ask(server, "GET", "/version").status == 401);
}
