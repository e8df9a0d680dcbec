#include "metrics/client.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>

#include "base/error.hpp"
#include "metrics/preflight.hpp"
#include "scripted_server.hpp"

namespace milo_perf::metrics {
namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::run_alone;
using test::Scripted;
using test::ScriptedServer;
using test::Seen;
using test::vector_answer;

namespace {

const Source source{"milo-system", "milo-apiserver.*", "etcd.*", "2m", 120};
const WallTime at = WallTime(std::chrono::milliseconds(1'700'000'000'500));

Scripted two(const Seen&) {
    return {.body = vector_answer(R"({"metric":{},"value":[1,"2"]})")};
}

asio::awaitable<void> ask(VictoriaMetrics& client, QueryResult& result) {
    result = co_await client.query(R"(sum(up{a="b c"}))", at);
}

asio::awaitable<void> push(VictoriaMetrics& client, std::string& reason) {
    reason = co_await client.import_prometheus("milo_perf_x 1 1\n");
}

asio::awaitable<void> check(VictoriaMetrics& client, std::vector<SeriesCheck>& checks) {
    checks = co_await check_series(client, source);
}

QueryResult answer_of(ScriptedServer::Handler handler, std::size_t& requests) {
    asio::io_context context;
    ScriptedServer server(context, std::move(handler));
    VictoriaMetrics client(context.get_executor(), server.url(), 2s);
    QueryResult result;
    run_with(context, server, ask(client, result));
    requests = server.seen.size();
    return result;
}

std::string refusal(const std::string& url) {
    asio::io_context context;
    try {
        VictoriaMetrics client(context.get_executor(), url);
    } catch (const UserError& error) {
        return error.what();
    }
    return {};
}

}  // namespace

TEST_CASE("a query is a form that names its time and asks for the newest samples") {
    asio::io_context context;
    ScriptedServer server(context, two);
    std::string url = server.url("/select/0/prometheus/");
    url.insert(url.find("127."), "me:p%40ss@");
    VictoriaMetrics client(context.get_executor(), url, 2s);
    QueryResult result;
    run_with(context, server, ask(client, result));
    CHECK(sum_of(result) == 2.0);
    REQUIRE(server.seen.size() == 1);
    CHECK(server.seen[0].method == "POST");
    CHECK(server.seen[0].target == "/select/0/prometheus/api/v1/query");
    CHECK(server.seen[0].field("query") == R"(sum(up{a="b c"}))");
    CHECK(server.seen[0].field("time") == "1700000000.500");
    CHECK(server.seen[0].field("nocache") == "1");
    CHECK(server.seen[0].authorization == "Basic bWU6cEBzcw==");
    CHECK(client.name().find("ss@") == std::string::npos);
}

TEST_CASE("a reset or a 5xx is tried once more, a refusal is not") {
    std::size_t requests = 0;
    int calls = 0;
    const auto first_fails = [&](const Seen& seen) {
        Scripted failed{.status = 503, .body = "starting"};
        return ++calls == 1 ? failed : two(seen);
    };
    CHECK(sum_of(answer_of(first_fails, requests)) == 2.0);
    CHECK(requests == 2);
    calls = 0;
    const auto first_hangs_up = [&](const Seen& seen) {
        Scripted gone{.hang_up = true};
        return ++calls == 1 ? gone : two(seen);
    };
    CHECK(sum_of(answer_of(first_hangs_up, requests)) == 2.0);
    const QueryResult down =
        answer_of([](const Seen&) { return Scripted{.status = 502, .body = "x"}; }, requests);
    CHECK(down.status == QueryStatus::unavailable);
    CHECK(down.reason == "status 502: x");
    CHECK(requests == 2);
    const QueryResult bad =
        answer_of([](const Seen&) { return Scripted{.status = 422, .body = "x"}; }, requests);
    CHECK(bad.status == QueryStatus::refused);
    CHECK(requests == 1);
}

TEST_CASE("text is imported; a failure is a reason") {
    asio::io_context context;
    int status = 204;
    ScriptedServer server(context, [&](const Seen&) { return Scripted{.status = status, .body = ""}; });
    VictoriaMetrics client(context.get_executor(), server.url(), 2s);
    std::string reason = "unset";
    run_with(context, server, push(client, reason));
    CHECK(reason.empty());
    CHECK(server.seen.at(0).target == "/api/v1/import/prometheus");
    CHECK(server.seen.at(0).body == "milo_perf_x 1 1\n");
}

TEST_CASE("a server that is not there is a reason, not an exception") {
    asio::io_context context;
    VictoriaMetrics client(context.get_executor(), "http://127.0.0.1:1", 2s);
    QueryResult result;
    run_alone(context, ask(client, result));
    CHECK(result.status == QueryStatus::unavailable);
    CHECK_FALSE(result.reason.empty());
}

TEST_CASE("URLs that cannot be used are refused without being repeated") {
    for (const std::string url : {"", "vm:8428", "ftp://h/", "http://", "http://u:geheim@h:1/?q=geheim"}) {
        CAPTURE(url);
        CHECK(refusal(url).find("VM_BASE_URL cannot be used") == 0);
        CHECK(refusal(url).find("geheim") == std::string::npos);
    }
    CHECK(refusal("https://u:p@[::1]:8428/vm/").empty());
}

TEST_CASE("preflight names the matcher that fails and what there is instead") {
    asio::io_context context;
    const auto handler = [](const Seen& seen) {
        const std::string query = seen.field("query");
        const bool etcd = query.find("etcd") != std::string::npos;
        std::string elements = R"({"metric":{},"value":[1,"1700000000"]})";
        if (query.find("max(timestamp") == 0 && etcd) elements = "";
        if (query.find("count by (namespace)") == 0)
            elements = R"({"metric":{"namespace":"milo-system"},"value":[1,"1"]})";
        if (query.find("count by (pod") == 0) elements = R"({"metric":{"pod":"other-0"},"value":[1,"1"]})";
        return Scripted{.body = vector_answer(elements)};
    };
    ScriptedServer server(context, handler);
    VictoriaMetrics client(context.get_executor(), server.url(), 2s);
    std::vector<SeriesCheck> checks;
    run_with(context, server, check(client, checks));
    REQUIRE(checks.size() == 5);
    CHECK(checks[0].ok);
    CHECK(checks[1].ok);
    CHECK(checks[1].subject == "Milo apiserver CPU");
    CHECK_FALSE(checks[3].ok);
    CHECK(checks[3].message.find("ETCD_POD_REGEX 'etcd.*' (there are: other-0)") != std::string::npos);
}

TEST_CASE("preflight of a server that is not there has one check that says what to look at") {
    asio::io_context context;
    VictoriaMetrics client(context.get_executor(), "http://127.0.0.1:1", 2s);
    std::vector<SeriesCheck> checks;
    run_alone(context, check(client, checks));
    REQUIRE(checks.size() == 1);
    CHECK_FALSE(checks[0].ok);
    CHECK(checks[0].message.find("check VM_BASE_URL") != std::string::npos);
}

}  // namespace milo_perf::metrics
