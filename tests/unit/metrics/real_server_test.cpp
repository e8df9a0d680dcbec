#include <doctest/doctest.h>
#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>

#include "metrics/exposition.hpp"
#include "metrics/preflight.hpp"
#include "metrics/sampler.hpp"
#include "metrics/snapshot.hpp"
#include "scripted_server.hpp"

/// Against a real VictoriaMetrics, where MILO_PERF_TEST_VM_URL names one; it writes series of its own into
/// it. MILO_PERF_TEST_VM_SECONDS is how long the sampler follows, e.g. while the server is restarted by hand.
namespace milo_perf::metrics {
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

const Source source{"milo-system", "milo-apiserver.*", "etcd.*", "1m", 60};

const char* url() {
    return std::getenv("MILO_PERF_TEST_VM_URL");
}

std::int64_t milliseconds(WallTime at) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(at.time_since_epoch()).count();
}

/// One scrape of what cAdvisor would tell: half a core and 100 MB of the apiserver, a quarter and 50 of etcd.
std::string scrape(WallTime at) {
    const double seconds = static_cast<double>(milliseconds(at)) / 1000;
    std::string text;
    for (const auto& [pod, share] : {std::pair{"milo-apiserver-0", 0.5}, std::pair{"etcd-0", 0.25}}) {
        const std::string labels =
            fmt::format(R"({{namespace="milo-system",pod="{}",container="main"}})", pod);
        text += fmt::format("container_cpu_usage_seconds_total{} {} {}\n", labels, seconds * share,
                            milliseconds(at));
        text += fmt::format("container_memory_working_set_bytes{} {} {}\n", labels, 2e8 * share,
                            milliseconds(at));
    }
    return text;
}

asio::awaitable<void> feed(VictoriaMetrics& server) {
    for (;;) {
        const std::string reason = co_await server.import_prometheus(scrape(WallClock::now()));
        (void)reason;
        co_await sleep_until(Clock::now() + 1s);
    }
}

asio::awaitable<void> follow(VictoriaMetrics& server, Sampler& sampler, results::Snapshot& snapshot,
                             std::vector<SeriesCheck>& checks, std::optional<std::string>& version,
                             std::string& push_reason) {
    const auto executor = co_await asio::this_coro::executor;
    const char* text = std::getenv("MILO_PERF_TEST_VM_SECONDS");
    const auto seconds = std::chrono::seconds(text == nullptr ? 10 : std::atoi(text));
    Nursery group(executor);
    group.spawn(feed(server));
    group.spawn(sampler.run());
    co_await sleep_until(Clock::now() + seconds);
    version = co_await server.version();
    checks = co_await check_series(server, source);
    SnapshotContext context;
    context.origin = Clock::now() - 60s;
    context.origin_wall = WallClock::now() - 60s;
    snapshot = co_await take_snapshot(server, source, context);
    group.cancel();
    try {
        co_await group.close();
    } catch (const std::exception&) {
        FAIL("the sampler or the feed threw");
    }
    co_await sampler.finish();
    results::Run run;
    run.test_id = "realtest";
    run.duration_seconds = 60;
    run.outcome = results::Outcome::completed;
    push_reason = co_await server.import_prometheus(push_text(run, context.origin_wall));
}

}  // namespace

TEST_CASE("a real VictoriaMetrics: snapshot, sampler and push" * doctest::skip(url() == nullptr)) {
    asio::io_context context;
    VictoriaMetrics server(context.get_executor(), url(), 5s);
    const WallTime origin = WallClock::now();
    Sampler sampler(server, default_sample_queries(source), 1, origin,
                    [](const std::string& message) { MESSAGE("event: ", message); });
    results::Snapshot snapshot;
    std::vector<SeriesCheck> checks;
    std::optional<std::string> version;
    std::string push_reason = "unset";
    test::run_alone(context, follow(server, sampler, snapshot, checks, version, push_reason));
    MESSAGE("version: ", version.value_or("none"));
    for (const SeriesCheck& check : checks) {
        CHECK_MESSAGE(check.ok, check.subject, ": ", check.message);
        MESSAGE(check.subject, ": ", check.message);
    }
    for (const auto& [figure, evidence] : snapshot.evidence) {
        MESSAGE(figure, ": samples ", evidence.samples.value_or(0), ", newest sample's age ",
                evidence.newest_sample_age_seconds.value_or(-1), ", ", evidence.label_variant.value_or("-"),
                ", ", evidence.reason.value_or("-"), ", ", evidence.note.value_or("-"));
    }
    REQUIRE(snapshot.apiserver_cpu_cores);
    CHECK(*snapshot.apiserver_cpu_cores == doctest::Approx(0.5).epsilon(0.02));
    CHECK(snapshot.etcd_mem_bytes == 5e7);
    CHECK(push_reason == "");
    CHECK_FALSE(sampler.series().empty());
    for (const results::SampledSeries& series : sampler.series()) {
        std::size_t gaps = 0;
        for (const auto& value : series.values) gaps += value ? 0 : 1;
        MESSAGE(series.name, " ", series.labels, ": ", series.values.size(), " points, ", gaps,
                " gaps, last at ", series.offsets_seconds.back(), " s");
    }
}

}  // namespace milo_perf::metrics
