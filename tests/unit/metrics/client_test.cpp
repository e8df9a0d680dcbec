#include "metrics/client.hpp"

#include <doctest/doctest.h>

#include <fmt/format.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <vector>

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

/// Asks several times over the same connections; `before` is told which time it is, from 0.
asio::awaitable<void> ask_often(VictoriaMetrics& client, std::vector<QueryResult>& results,
                                std::function<void(std::size_t)> before) {
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (before) before(i);
        results[i] = co_await client.query(R"(sum(up{a="b c"}))", at);
    }
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

/// What time() is `ahead_seconds` from now.
std::string now_element(double ahead_seconds = 0) {
    const double now = std::chrono::duration<double>(WallClock::now().time_since_epoch()).count();
    return fmt::format(R"({{"metric":{{}},"value":[1,"{:.0f}"]}})", now + ahead_seconds);
}

std::string refusal_of(const ServerOptions& options) {
    asio::io_context context;
    try {
        VictoriaMetrics client(context.get_executor(), options);
    } catch (const UserError& error) {
        return error.what();
    }
    return {};
}

/// A file that goes with the object.
class TestFile {
  public:
    explicit TestFile(std::string_view text) {
        std::string name = (std::filesystem::temp_directory_path() / "milo-perf-test-XXXXXX").string();
        const int descriptor = mkstemp(name.data());
        REQUIRE(descriptor >= 0);
        ::close(descriptor);
        path_ = name;
        write(text);
    }
    ~TestFile() { std::filesystem::remove(path_); }
    TestFile(const TestFile&) = delete;
    TestFile& operator=(const TestFile&) = delete;
    void write(std::string_view text) const { std::ofstream(path_, std::ios::trunc) << text; }
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

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
        if (query == "time()") elements = now_element();
        if (query.find("max(timestamp") == 0 && etcd) elements = "";
        if (query.find("count by (namespace)") == 0)
            elements = R"({"metric":{"namespace":"milo-system"},"value":[1,"1"]})";
        if (query.find("count by (pod, pod_name)") == 0)
            elements = R"({"metric":{"pod":"other-0"},"value":[1,"1"]})";
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

TEST_CASE("a server that takes no POST is asked by GET, from then on alone") {
    for (const int status : {405, 501, 403}) {
        CAPTURE(status);
        asio::io_context context;
        ScriptedServer server(context, [status](const Seen& seen) {
            return seen.method == "POST" ? Scripted{.status = status, .body = "read-only"} : two(seen);
        });
        VictoriaMetrics client(context.get_executor(), server.url("/prefix"), 2s);
        std::vector<QueryResult> results(2);
        run_with(context, server, ask_often(client, results, {}));
        for (const QueryResult& result : results) CHECK(sum_of(result) == 2.0);
        std::vector<std::string> methods;
        for (const Seen& seen : server.seen) methods.push_back(seen.method);
        CHECK(methods == std::vector<std::string>{"POST", "GET", "GET"});
        const Seen& get = server.seen.back();
        CHECK(get.target.starts_with("/prefix/api/v1/query?"));
        CHECK(get.field("query") == R"(sum(up{a="b c"}))");
        CHECK(get.field("time") == "1700000000.500");
        CHECK(get.body.empty());
    }
}

TEST_CASE("a server that refuses both says what it said to the POST, and is asked both ways again") {
    asio::io_context context;
    bool allowed = false;
    ScriptedServer server(context, [&](const Seen& seen) {
        return allowed ? two(seen) : Scripted{.status = 403, .body = seen.method + " is not allowed"};
    });
    VictoriaMetrics client(context.get_executor(), server.url(), 2s);
    std::vector<QueryResult> results(2);
    run_with(context, server, ask_often(client, results, [&](std::size_t i) { allowed = i > 0; }));
    CHECK(results[0].reason == "status 403: POST is not allowed");
    CHECK(sum_of(results[1]) == 2.0);
    CHECK(server.seen.back().method == "POST");
}

TEST_CASE("a tenant's header and a bearer token from a file go with every request") {
    asio::io_context context;
    const TestFile token("first\n");
    std::string accepted = "Bearer first";
    ScriptedServer server(context, [&](const Seen& seen) {
        if (seen.authorization == accepted) return two(seen);
        return Scripted{.status = 401,
                        .body = "no " + seen.authorization + " of " + seen.headers.at("X-Secret")};
    });
    VictoriaMetrics client(context.get_executor(),
                           {.base_url = server.url(),
                            .header_fields = "X-Scope-OrgID: team a\r\nX-Secret: hunter22\r\n",
                            .bearer_token_file = token.path(),
                            .timeout = 2s});
    std::vector<QueryResult> results(3);
    run_with(context, server, ask_often(client, results, [&](std::size_t i) {
                 if (i == 1) {
                     CHECK(server.seen.back().headers.at("X-Scope-OrgID") == "team a");
                     // Rotated: the refusal makes it read the file anew.
                     accepted = "Bearer second";
                     token.write("second");
                 } else if (i == 2) {
                     CHECK(server.seen.size() == 3);
                     accepted = "Bearer third";
                 }
             }));
    CHECK(sum_of(results[0]) == 2.0);
    CHECK(sum_of(results[1]) == 2.0);
    CHECK(results[2].reason == "status 401: no Bearer [redacted] of [redacted]");
}

TEST_CASE("a proxy of the environment is used, but not for loopback") {
    asio::io_context context;
    ScriptedServer proxy(context, two);
    const kube::Environment environment{{"HTTP_PROXY", proxy.url()}, {"NO_PROXY", "direct.example"}};
    VictoriaMetrics client(
        context.get_executor(),
        {.base_url = "http://vm.example:8428/p", .environment = environment, .timeout = 2s});
    QueryResult result;
    run_with(context, proxy, ask(client, result));
    CHECK(sum_of(result) == 2.0);
    CHECK(proxy.seen.at(0).target == "http://vm.example:8428/p/api/v1/query");
    CHECK(proxy.seen.at(0).headers.at("Host") == "vm.example:8428");
    VictoriaMetrics local(context.get_executor(),
                          {.base_url = "http://127.0.0.1:1", .environment = environment, .timeout = 2s});
    run_with(context, proxy, ask(local, result));
    CHECK_FALSE(result.ok());
    CHECK(proxy.seen.size() == 1);
}

TEST_CASE("what lets a client in is refused when it cannot be used, without its secrets") {
    const TestFile empty("");
    const TestFile token("hunter2");
    const std::string url = "https://vm.example";
    CHECK(refusal_of({.base_url = url, .ca_file = "/gone"}).find("VM_CA_FILE /gone cannot be used") == 0);
    CHECK(refusal_of({.base_url = url, .ca_file = empty.path()}).find("holds no readable PEM") !=
          std::string::npos);
    CHECK(
        refusal_of({.base_url = url, .bearer_token_file = "/gone"}).find("The VM_BEARER_TOKEN_FILE /gone") ==
        0);
    CHECK(refusal_of({.base_url = url, .bearer_token_file = empty.path()}).find("is empty") !=
          std::string::npos);
    for (const ServerOptions& twice :
         {ServerOptions{.base_url = "https://u:hunter2@vm", .bearer_token_file = token.path()},
          ServerOptions{.base_url = url,
          .header_fields = "authorization: Bearer hunter2\r\n",
          .bearer_token_file = token.path()},
          ServerOptions{.base_url = "https://u:hunter2@vm",
          .header_fields = "A: b\r\nAUTHORIZATION: hunter2\r\n"}}) {
        const std::string sentence = refusal_of(twice);
        CHECK(sentence.find("takes one way of authentication") != std::string::npos);
        CHECK(sentence.find("hunter2") == std::string::npos);
    }
}

TEST_CASE("preflight asks by the server's clock, and tells that it differs") {
    for (const double ahead : {3600.0, -3600.0, 7.0, 0.0}) {
        CAPTURE(ahead);
        asio::io_context context;
        std::vector<double> asked;
        ScriptedServer server(context, [&](const Seen& seen) {
            const std::string query = seen.field("query");
            const bool newest = query.find("max(timestamp") == 0;
            if (newest) asked.push_back(std::stod(seen.field("time")));
            std::string elements = R"({"metric":{"pod":"etcd-0"},"value":[1,"1"]})";
            if (query == "time()" || newest) elements = now_element(ahead);
            return Scripted{.body = vector_answer(elements)};
        });
        VictoriaMetrics client(context.get_executor(), server.url(), 2s);
        std::vector<SeriesCheck> checks;
        run_with(context, server, check(client, checks));
        const double now = std::chrono::duration<double>(WallClock::now().time_since_epoch()).count();
        for (const double time : asked) CHECK(std::abs(time - now - ahead) < 3);
        const bool told = checks.at(1).subject == "clocks";
        CHECK(told == (std::abs(ahead) > 5));
        if (told)
            CHECK(checks.at(1).message.find(ahead > 0 ? "s ahead of" : "s behind") != std::string::npos);
        CHECK(checks.back().ok);
        CHECK(checks.back().message.find("of the pod etcd-0") != std::string::npos);
    }
}

TEST_CASE("a regular expression that matches more than the component is told") {
    using Pods = std::vector<std::string>;
    CHECK(several_workloads_sentence({}, "ETCD_POD_REGEX").empty());
    CHECK(several_workloads_sentence({"etcd-0", "etcd-1", "etcd-10"}, "ETCD_POD_REGEX").empty());
    CHECK(several_workloads_sentence({"kube-apiserver-cp1", "kube-apiserver-cp2"}, "X").empty());
    CHECK(several_workloads_sentence({"kube-apiserver-master-a", "kube-apiserver-master-b"}, "X").empty());
    CHECK(several_workloads_sentence({"etcd-ip-10-0-1-5.ec2.internal", "etcd-ip-10-0-2-7.ec2.internal"}, "X")
              .empty());
    CHECK(several_workloads_sentence({"milo-apiserver-7d9f8b6c5d-x2x4z", "milo-apiserver-5c66d8f9bb-lq8zt"},
                                     "X")
              .empty());
    for (const Pods& pods : {Pods{"etcd-0", "etcd-0-restore"}, Pods{"etcd-0", "etcd-backup-28412345-x7k2p"},
                             Pods{"etcd-0", "etcd-1", "etcd-defrag-cron-x7k2p"},
                             Pods{"milo-apiserver-7d9f8b6c5d-x2x4z", "milo-apiserver-proxy-0"}}) {
        const std::string sentence = several_workloads_sentence(pods, "ETCD_POD_REGEX");
        CAPTURE(sentence);
        CHECK(sentence.find("ETCD_POD_REGEX matches pods of 2 workloads") == 0);
        CHECK(sentence.find(pods.back()) != std::string::npos);
    }
    CHECK(workload_name("etcd") == "etcd");
    CHECK(workload_name("milo-apiserver-7d9f8b6c5d-x2x4z") == "milo-apiserver");
    CHECK(workload_name("etcd-ip-10-0-0-12") == "etcd-ip");
    CHECK(workload_name("12345") == "12345");
    CHECK(workload_name("") == "");
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
