#include "results/figures.hpp"
#include "results/request_figures.hpp"
#include "stats/histogram.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "base/error.hpp"
#include "results/csv.hpp"
#include "results/request_figures.hpp"
#include "results/thresholds.hpp"
#include "run_fixture.hpp"

using namespace milo_perf;
using results::Quantity;

TEST_CASE("costs are divided by the Projects that are there") {
    auto run = results::fixture::run(20);
    run.objects["projects"] = {.requested = 20, .created = 15, .existing = 1, .failed = 4};
    const auto cost = results::per_project_after_projects(run, Quantity::apiserver_mem_bytes);
    CHECK(*cost.value == doctest::Approx(20e6 / 16));
    CHECK(*results::per_project_after_objects(run, Quantity::apiserver_mem_bytes).value ==
          doctest::Approx(40e6 / 16));
    CHECK(*results::per_project_in_total(run, Quantity::etcd_mem_bytes).value == doctest::Approx(12e6 / 16));
    CHECK(*results::per_object(run, Quantity::apiserver_cpu_cores).value == doctest::Approx(0.02 / 400));
    CHECK(*results::object_creates_per_second(run).value == doctest::Approx(400 / 50.0));
}

TEST_CASE("a cost's noise is that of the samples in both windows") {
    auto run = results::fixture::run(20);
    for (auto& series : run.samples) {
        if (series.name != "apiserver_mem_bytes") continue;
        // A deviation of 5 MB / sqrt(n - 1) * sqrt(n) in both windows of 60 s, which have 13 samples each.
        for (std::size_t i = 0; i < series.values.size(); ++i)
            series.values[i] = 400e6 + (i % 2 == 0 ? 5e6 : -5e6);
    }
    run.phases.clear();
    const auto cost = results::per_project_in_total(run, Quantity::apiserver_mem_bytes);
    REQUIRE(cost.noise);
    CHECK(*cost.noise == doctest::Approx(2 * std::sqrt(2.0) * 5e6 / 20).epsilon(0.05));
    CHECK_FALSE(cost.within_noise());
    run.metrics.after_secrets->apiserver_mem_bytes = *run.metrics.baseline->apiserver_mem_bytes + 10e6;
    CHECK(results::per_project_in_total(run, Quantity::apiserver_mem_bytes).within_noise());
    CHECK_FALSE(results::per_project_in_total(run, Quantity::etcd_mem_bytes).noise);
    // The snapshot is at 200 s, and samples are means of 60 s: those from 160 s on saw nothing of the load.
    run.phases = {{"objects", run.timestamp, 70, 30.0}};
    CHECK(results::per_project_in_total(run, Quantity::apiserver_mem_bytes).noise);
    run.phases = {{"objects", run.timestamp, 70, 70.0}};
    CHECK_FALSE(results::per_project_in_total(run, Quantity::apiserver_mem_bytes).noise);
}

TEST_CASE("a missing figure has a reason and no value") {
    auto run = results::fixture::run();
    run.metrics.baseline->etcd_cpu_cores.reset();
    run.metrics.baseline->evidence["etcd_cpu_cores"].reason = "no series matched";
    run.metrics.after_secrets.reset();
    run.projects_ready_seconds.reset();
    run.requests.clear();
    const auto cpu = results::per_project_after_projects(run, Quantity::etcd_cpu_cores);
    CHECK_FALSE(cpu.value);
    CHECK(cpu.reason.find("no series matched") != std::string::npos);
    CHECK_FALSE(results::per_object(run, Quantity::etcd_mem_bytes).value);
    CHECK_FALSE(results::error_rate(run).value);
    for (const results::NamedFigure& figure : results::figures()) {
        const auto found = figure.value(run);
        CAPTURE(figure.name);
        CHECK(found.value.has_value() == found.reason.empty());
        CHECK(found.unit == figure.unit);
        CHECK_FALSE(results::figures().front().value(results::Run{}).value);
    }
}

TEST_CASE("extrapolation is the straight line, with a range only where noise was seen") {
    auto run = results::fixture::run(20);
    CHECK_FALSE(results::extrapolations(run)[1].low);
    // All samples lie at rest then.
    run.phases.clear();
    for (const auto& one : results::extrapolations(run)) {
        REQUIRE(one.value);
        CHECK(one.with_objects);
        if (one.quantity == Quantity::apiserver_mem_bytes) {
            CHECK(*one.value == doctest::Approx(400e6 + 3e6 * static_cast<double>(one.projects)));
            REQUIRE(one.low);
            CHECK(*one.low < *one.value);
            CHECK(*one.high > *one.value);
        } else if (one.quantity == Quantity::etcd_mem_bytes) {
            CHECK_FALSE(one.low);
            CHECK(one.method.find("no range") != std::string::npos);
        }
    }
    std::vector<results::Run> repeats(3, run);
    repeats[1].metrics.after_secrets->etcd_mem_bytes = 97e6;
    repeats[2].metrics.after_secrets->etcd_mem_bytes = 87e6;
    const auto joint = results::extrapolations(repeats);
    REQUIRE(joint.size() == 8);
    CHECK(*joint[3].value == doctest::Approx(80e6 + 1000 * 12e6 / 20));
    CHECK(*joint[3].low == doctest::Approx(80e6 + 1000 * 7e6 / 20));
    CHECK(*joint[3].high == doctest::Approx(80e6 + 1000 * 17e6 / 20));
}

TEST_CASE("a cost below zero is not extrapolated, and says so") {
    auto run = results::fixture::run(20);
    run.metrics.after_secrets->etcd_mem_bytes = 70e6;
    int without = 0;
    for (const auto& one : results::extrapolations(run)) {
        if (one.quantity != Quantity::etcd_mem_bytes) continue;
        ++without;
        CHECK_FALSE(one.value);
        CHECK_FALSE(one.low);
        CHECK(one.method.find("below zero") != std::string::npos);
    }
    CHECK(without == 2);
}

TEST_CASE("figures have distinct names and read the run") {
    std::set<std::string> names;
    for (const auto& figure : results::figures()) CHECK(names.insert(figure.name).second);
    const auto run = results::fixture::run();
    const auto value = [&run](std::string_view name) {
        const auto figure = results::find_figure(name);
        REQUIRE(figure);
        return figure->value(run).value.value_or(-1);
    };
    CHECK(value("secrets.create.p99") == *run.requests[1].operation_latency.p99_seconds);
    CHECK(value("configmaps.create.throughput") == doctest::Approx(800));
    CHECK(value("projects.ready.above_slo") == 0);
    CHECK(value("errors.rate") == 0);
    CHECK(value("client.cpu_share") == 0.31);
    CHECK(value("apiserver.mem_delta_per_project") == doctest::Approx(1e6));
    CHECK_FALSE(results::find_figure("secrets.create.p98"));
}

TEST_CASE("every verb on a known resource has the figures of a create") {
    auto run = results::fixture::run();
    run.requests.push_back(results::fixture::creates("objects", "secrets", 50));
    run.requests.back().verb = "list";
    run.requests.back().operations_failed = 5;
    const auto value = [&run](std::string_view name) {
        const auto figure = results::find_figure(name);
        REQUIRE(figure);
        CHECK(figure->name == name);
        return figure->value(run).value.value_or(-1);
    };
    CHECK(value("secrets.list.p99") == *run.requests.back().operation_latency.p99_seconds);
    CHECK(value("secrets.list.throughput") == doctest::Approx(800));
    CHECK(value("secrets.list.errors") == 5);
    CHECK(value("secrets.list.error_rate") == doctest::Approx(0.1));
    CHECK(value("secrets.deletecollection.max") == -1);
    CHECK(results::find_figure("secrets.list.throughput")->title == "Secrets: lists per second");
    CHECK_FALSE(results::find_figure("secrets.list.p98"));
    CHECK_FALSE(results::find_figure("secrets.lists.p99"));
    CHECK_FALSE(results::find_figure("pods.list.p99"));
    CHECK_FALSE(results::find_figure("secrets.list"));
    CHECK_FALSE(results::find_figure("."));
    CHECK(results::parse_threshold("secrets.list.p99 < 1s").limit == 1);
}

TEST_CASE("figures that are shown are those of the load, and of nothing that supports it") {
    auto run = results::fixture::run();
    run.requests.push_back(results::fixture::creates("objects", "secrets", 50));
    run.requests.back().verb = "get";
    CHECK(results::figures_of(run).size() == results::figures().size());
    run.requests.back().load = true;
    const auto shown = results::figures_of(run);
    CHECK(shown.size() == results::figures().size() + 8);
    CHECK(shown.back().name == "secrets.get.error_rate");
    CHECK(results::figures_csv(run).find("0badcafe,secrets.get.errors,0,count,\r\n") != std::string::npos);
    run.requests.back().operations_failed = 10;
    CHECK(*results::error_rate(run).value > 0);
    run.requests.back().load = false;
    CHECK(*results::error_rate(run).value == 0);
}

TEST_CASE("percentiles of several series come from the merged histograms") {
    auto run = results::fixture::run();
    run.requests.push_back(results::fixture::creates("resume", "secrets", 200));
    run.requests.back().operation_latency = results::fixture::latencies(200, 1.0);
    const auto p50 = results::find_figure("secrets.create.p50")->value(run);
    REQUIRE(p50.value);
    CHECK(*p50.value > *run.requests[1].operation_latency.p99_seconds);
    CHECK(*p50.value < *run.requests.back().operation_latency.p90_seconds);
    run.requests.back().operation_latency.histogram = "broken";
    CHECK_FALSE(results::find_figure("secrets.create.p50")->value(run).value);
}

TEST_CASE("what failed counts as slower than all else") {
    stats::Histogram histogram;
    for (int i = 1; i <= 90; ++i) histogram.record(std::chrono::milliseconds(i));
    // Ten refusals, each faster than any success.
    for (int i = 0; i < 10; ++i) histogram.record(std::chrono::microseconds(10));
    results::Distribution latency;
    latency.count = 100;
    latency.p99_seconds = 0.09;
    latency.max_seconds = 0.09;
    latency.histogram = histogram.encode();
    const auto judged = results::with_failures_last(latency, 100, 10);
    CHECK(*judged.p50_seconds == doctest::Approx(0.050).epsilon(0.01));
    CHECK(*judged.p90_seconds == doctest::Approx(0.090).epsilon(0.01));
    CHECK_FALSE(judged.p99_seconds);
    CHECK_FALSE(judged.max_seconds);
    // Some never answered: they are not in the histogram.
    const auto unanswered = results::with_failures_last(latency, 180, 90);
    CHECK(*unanswered.p50_seconds == doctest::Approx(0.090).epsilon(0.01));
    CHECK_FALSE(unanswered.p90_seconds);
    CHECK(*results::with_failures_last(latency, 100, 0).p99_seconds == 0.09);
    CHECK_FALSE(results::with_failures_last(latency, 100, 100).p50_seconds);
    latency.histogram = "broken";
    CHECK_FALSE(results::with_failures_last(latency, 100, 1).p50_seconds);
}

TEST_CASE("thresholds are read in every unit") {
    const auto limit = [](std::string_view text) { return results::parse_threshold(text).limit; };
    CHECK(limit("secrets.create.p99 < 250ms") == doctest::Approx(0.25));
    CHECK(limit("secrets.create.p99<=1.5m") == doctest::Approx(90));
    CHECK(limit("errors.rate < 0.1%") == doctest::Approx(0.001));
    CHECK(limit("errors.rate<0.001") == doctest::Approx(0.001));
    CHECK(limit("apiserver.mem_delta_per_project < 2MiB") == 2 * 1024 * 1024);
    CHECK(limit("apiserver.mem_delta_per_project < 2 MB") == 2e6);
    CHECK(limit("etcd.cpu_delta_per_project < 5m") == doctest::Approx(0.005));
    CHECK(limit("etcd.cpu_delta_per_project < 5 mcores") == doctest::Approx(0.005));
    CHECK(limit("configmaps.create.throughput >= 500/s") == 500);
    CHECK(limit("errors.count <= 0") == 0);
    CHECK(results::parse_threshold("errors.count >= 0").comparator == results::Comparator::greater_or_equal);
    CHECK(results::parse_thresholds(" errors.rate < 1% ;\n\n;secrets.create.p99 < 1s\n").size() == 2);
}

TEST_CASE("thresholds that cannot be meant are refused") {
    for (const char* text :
         {"", "errors.rate", "errors.rate < ", "errors.rate < x", "errors.rate < 5ms", "errors.rate < 5 %%",
          "errors.rate == 5", "< 5", "errors.rate << 5", "errors.rate < nan", "errors.rate < inf",
          "errors.rate < 1e999", "errors.count < 5 s", "secrets.create.p99 < 250MS", "errors.rate < 5",
          "errors.rate > -1"}) {
        CAPTURE(text);
        CHECK_THROWS_AS(results::parse_threshold(text), UserError);
    }
    try {
        results::parse_threshold("secrets.create.p98 < 1s");
        FAIL("an unknown name was taken");
    } catch (const UserError& error) {
        const std::string message = error.what();
        CHECK(message.find("'secrets.create.p98'") != std::string::npos);
        CHECK(message.find("secrets.create.p99, ") != std::string::npos);
        CHECK(error.code() == ExitCode::usage);
    }
}

TEST_CASE("a bare number is refused for a figure with a unit") {
    for (const char* text : {"secrets.create.p99 < 250", "projects.ready.max <= 1.5", "run.duration < 60",
                             "apiserver.mem_delta_per_project < 2000000",
                             "etcd.cpu_delta_per_project < 0.005", "configmaps.create.throughput > 500"}) {
        CAPTURE(text);
        try {
            results::parse_threshold(text);
            FAIL("it was taken");
        } catch (const UserError& error) {
            CHECK(std::string(error.what()).find("its number has no unit") != std::string::npos);
        }
    }
    for (const char* text : {"secrets.create.p99 < 0", "errors.count < 5", "retries.count <= 100",
                             "errors.rate < 1", "errors.rate <= 0.5", "client.cpu_share < 0.9"}) {
        CAPTURE(text);
        CHECK_NOTHROW(results::parse_threshold(text));
    }
}

TEST_CASE("an unknown figure gets the three nearest, and a list has all with unit and meaning") {
    using Names = std::vector<std::string_view>;
    CHECK(results::nearest_figures("secret.create.p99").front() == "secrets.create.p99");
    CHECK(results::nearest_figures("errors_rate").front() == "errors.rate");
    CHECK(results::nearest_figures("project.ready.p90").front() == "projects.ready.p90");
    CHECK(results::nearest_figures("secrets.create.p98") ==
          Names{"secrets.create.p90", "secrets.create.p99", "secrets.create.p50"});
    CHECK(results::nearest_figures("").size() == 3);
    CHECK(results::nearest_figures(std::string(100'000, 'x')).size() == 3);
    const std::string text = results::figures_text();
    CHECK(std::count(text.begin(), text.end(), '\n') ==
          static_cast<std::ptrdiff_t>(results::figures().size()));
    for (const auto& figure : results::figures()) {
        CHECK(text.find(figure.name + " ") != std::string::npos);
        CHECK(text.find("  " + figure.title + "\n") != std::string::npos);
    }
    CHECK(text.find("  seconds     Secrets: create p99\n") != std::string::npos);
}

TEST_CASE("a verdict says by how much") {
    auto run = results::fixture::run();
    run.requests[1].operation_latency.p99_seconds = 0.312;
    const auto judged = [&run](std::string_view text) {
        return results::evaluate(results::parse_threshold(text), run);
    };
    const auto broken = judged("secrets.create.p99 < 250ms");
    CHECK_FALSE(broken.passed);
    CHECK(broken.verdict ==
          "secrets.create.p99 is 312 ms, 62.0 ms (24.8 %) above the limit of 250 ms (wanted <)");
    CHECK(broken.limit == 0.25);
    CHECK(broken.unit == "seconds");
    CHECK(judged("secrets.create.p99 < 500ms").passed);
    CHECK(judged("errors.count <= 0").passed);
    CHECK_FALSE(judged("errors.count < 0").passed);
    CHECK(judged("configmaps.create.throughput > 799/s").passed);
    run.metrics.baseline.reset();
    const auto missing = judged("apiserver.mem_delta_per_project < 2MiB");
    CHECK_FALSE(missing.passed);
    CHECK_FALSE(missing.value);
    CHECK(missing.verdict.find("has no value: ") != std::string::npos);
}

TEST_CASE("CSV keeps its columns whatever stands in it") {
    CHECK(results::csv_field("a,\"b\"\n") == "\"a,\"\"b\"\"\n\"");
    CHECK(results::csv_field("=1+1") == "'=1+1");
    CHECK(results::csv_field("plain") == "plain");
    auto run = results::fixture::run(2);
    run.projects[0].name = "=HYPERLINK(\"x\"),";
    run.projects[1].ready_seconds.reset();
    const std::string csv = results::projects_csv(run);
    CHECK(csv.find("\r\n\"'=HYPERLINK(\"\"x\"\"),\",created,5,5.05,6,") != std::string::npos);
    CHECK(csv.find(",,\r\n") != std::string::npos);
    const std::string requests = results::requests_csv(run);
    CHECK(std::count(requests.begin(), requests.end(), '\n') == 4);
    CHECK(requests.find("objects,create,secrets,20,0,22,2,2,0,0,14000,18000,1.25,800,") != std::string::npos);
    const std::string figures = results::figures_csv(run);
    CHECK(std::count(figures.begin(), figures.end(), '\n') ==
          static_cast<std::ptrdiff_t>(results::figures().size() + 1));
    CHECK(figures.find("0badcafe,projects.create.errors,0,count,\r\n") != std::string::npos);
}
