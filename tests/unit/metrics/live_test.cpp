#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cmath>

#include "metrics/sampler.hpp"
#include "metrics/snapshot.hpp"
#include "scripted_server.hpp"

namespace milo_perf::metrics {
namespace asio = boost::asio;
using namespace std::chrono_literals;
using test::matrix_answer;
using test::run_alone;
using test::Scripted;
using test::ScriptedServer;
using test::Seen;
using test::vector_answer;

namespace {

const Source source{"milo-system", "milo-apiserver.*", "etcd.*", "2m", 120};

double now_seconds() {
    return std::chrono::duration<double>(WallClock::now().time_since_epoch()).count();
}

std::string one_value(double value) {
    return vector_answer(R"({"metric":{},"value":[1,")" + std::to_string(value) + R"("]})");
}

/// A server whose samples become visible `lag` seconds late; etcd has no memory series.
Scripted answer(const Seen& seen, double lag) {
    const std::string query = seen.field("query");
    if (query == "time()") return {.body = one_value(now_seconds())};
    if (query.find("memory") != std::string::npos && query.find("etcd") != std::string::npos) {
        return {.body = vector_answer("")};
    }
    const double time = std::stod(seen.field("time"));
    if (query.find("max(timestamp") == 0) return {.body = one_value(std::min(time, now_seconds() - lag))};
    // Without the label pod_name there is data, yet none with the container filter.
    const bool filtered =
        query.find("container!=") != std::string::npos || query.find("container_name!=") != std::string::npos;
    if (filtered) return {.body = vector_answer("")};
    if (query.find("count_over_time") == 0) return {.body = one_value(24)};
    return {.body = one_value(0.5)};
}

asio::awaitable<void> take(VictoriaMetrics& client, SnapshotContext context, results::Snapshot& snapshot) {
    snapshot = co_await take_snapshot(client, source, context);
}

SnapshotContext context_now(Duration patience) {
    SnapshotContext context;
    context.origin = Clock::now() - 10s;
    context.origin_wall = WallClock::now() - 10s;
    context.patience = patience;
    return context;
}

/// Answers a range query with the points' own times.
Scripted ramp(const Seen& seen) {
    if (seen.target.find("query_range") == std::string::npos) return {.body = one_value(now_seconds())};
    std::string points;
    const double step = std::stod(seen.field("step"));
    for (double t = std::stod(seen.field("start")); t <= std::stod(seen.field("end")) + 0.001; t += step) {
        const std::string text = std::to_string(t);
        points += (points.empty() ? "[" : ",[") + text + ",\"" + text + "\"]";
    }
    return {.body = matrix_answer(R"({"metric":{"pod":"a"},"values":[)" + points + "]}")};
}

asio::awaitable<void> finish(Sampler& sampler) {
    co_await sampler.finish();
}

}  // namespace

TEST_CASE("a snapshot waits for late samples, tells what it covers, and says what is missing") {
    asio::io_context context;
    ScriptedServer server(context, [](const Seen& seen) { return answer(seen, 0.5); });
    VictoriaMetrics client(context.get_executor(), server.url(), 2s);
    SnapshotContext at = context_now(30s);
    at.last_load_end = WallClock::now() - 60s;
    results::Snapshot snapshot;
    run_with(context, server, take(client, at, snapshot));
    CHECK(snapshot.apiserver_cpu_cores == 0.5);
    CHECK(snapshot.apiserver_mem_bytes == 0.5);
    CHECK_FALSE(snapshot.etcd_mem_bytes);
    CHECK(snapshot.window_reaches_into_load);
    CHECK(snapshot.window_seconds == 120);
    const results::Evidence& cpu = snapshot.evidence.at("apiserver_cpu_cores");
    CHECK(cpu.label_variant == "pod");
    CHECK(cpu.samples == 24u);
    CHECK(cpu.newest_sample_age_seconds);
    CHECK_FALSE(cpu.reason);
    CHECK_FALSE(cpu.note);
    const results::Evidence& none = snapshot.evidence.at("etcd_mem_bytes");
    REQUIRE(none.reason);
    CHECK(none.reason->find("no such series") == 0);
}

TEST_CASE("samples that never come are marked") {
    asio::io_context context;
    ScriptedServer server(context, [](const Seen& seen) { return answer(seen, 20); });
    VictoriaMetrics client(context.get_executor(), server.url(), 2s);
    // No patience but for one scrape interval, 5 s.
    results::Snapshot snapshot;
    run_with(context, server, take(client, context_now(0s), snapshot));
    CHECK(snapshot.etcd_cpu_cores == 0.5);
    REQUIRE(snapshot.evidence.at("etcd_cpu_cores").note);
    CHECK(snapshot.evidence.at("etcd_cpu_cores").note->find("older than the window's end") !=
          std::string::npos);
    CHECK_FALSE(snapshot.window_reaches_into_load);
}

TEST_CASE("a snapshot without VictoriaMetrics has no figure, and says why") {
    asio::io_context context;
    VictoriaMetrics client(context.get_executor(), "http://127.0.0.1:1", 2s);
    results::Snapshot snapshot;
    run_alone(context, take(client, context_now(0s), snapshot));
    CHECK_FALSE(snapshot.apiserver_cpu_cores);
    REQUIRE(snapshot.evidence.size() == 4);
    for (const auto& [figure, evidence] : snapshot.evidence) {
        REQUIRE(evidence.reason);
        CHECK(evidence.reason->find("VictoriaMetrics did not answer: ") == 0);
    }
}

TEST_CASE("the sampler fetches the whole run at its end, whatever was missed before") {
    asio::io_context context;
    ScriptedServer server(context, ramp);
    VictoriaMetrics client(context.get_executor(), server.url(), 2s);
    std::vector<std::string> events;
    const WallTime origin = WallClock::now() - 600s;
    Sampler sampler(client, {{"cpu", "CPU", "cores", {"sum(cpu)"}}}, 5, origin,
                    [&](std::string message) { events.push_back(std::move(message)); });
    run_with(context, server, finish(sampler));
    const auto series = sampler.series();
    REQUIRE(series.size() == 1);
    CHECK(series[0].query == "sum(cpu)");
    REQUIRE(series[0].values.size() >= 120);
    const double start = std::chrono::duration<double>(origin.time_since_epoch()).count();
    for (std::size_t i = 0; i < 100; ++i) {
        REQUIRE(series[0].values[i]);
        CHECK(std::abs(*series[0].values[i] - start - series[0].offsets_seconds[i]) < 0.01);
    }
    CHECK(events.empty());
}

TEST_CASE("a refused query is told once and does not hold up the others") {
    asio::io_context context;
    ScriptedServer server(context, [](const Seen& seen) {
        if (seen.field("query") != "broken(") return ramp(seen);
        return Scripted{.status = 422, .body = R"({"error":"unexpected end"})"};
    });
    VictoriaMetrics client(context.get_executor(), server.url(), 2s);
    std::vector<std::string> events;
    Sampler sampler(client, {{"bad", "Bad", "count", {"broken("}}, {"cpu", "CPU", "cores", {"sum(cpu)"}}}, 5,
                    WallClock::now() - 60s,
                    [&](std::string message) { events.push_back(std::move(message)); });
    run_with(context, server, finish(sampler));
    REQUIRE(sampler.series().size() == 1);
    CHECK(sampler.series()[0].name == "cpu");
    REQUIRE(events.size() == 1);
    CHECK(events[0] == "VictoriaMetrics refused the sampled query 'bad': status 422: unexpected end");
}

TEST_CASE("a sampler without a server tells it and ends with nothing") {
    asio::io_context context;
    VictoriaMetrics client(context.get_executor(), "http://127.0.0.1:1", 2s);
    std::vector<std::string> events;
    Sampler sampler(client, {{"cpu", "CPU", "cores", {"sum(cpu)"}}}, 5, WallClock::now() - 60s,
                    [&](std::string message) { events.push_back(std::move(message)); });
    run_alone(context, finish(sampler));
    CHECK(sampler.series().empty());
    REQUIRE(events.size() == 1);
    CHECK(events[0].find("VictoriaMetrics does not answer: ") == 0);
}

}  // namespace milo_perf::metrics
