#include "results/compare.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <initializer_list>

#include "base/error.hpp"
#include "run_fixture.hpp"

using namespace milo_perf;
using results::Verdict;

namespace {

results::Run run_with_p99(double seconds) {
    auto run = results::fixture::run();
    run.requests[1].operation_latency.p99_seconds = seconds;
    return run;
}

const results::FigureComparison& at(const results::Comparison& comparison, std::string_view name) {
    for (const auto& one : comparison.figures) {
        if (one.figure.name == name) return one;
    }
    throw std::runtime_error("no such figure");
}

}  // namespace

TEST_CASE("Mann-Whitney gives the published exact values") {
    const std::vector<double> low{1, 2, 3, 4};
    const std::vector<double> high{5, 6, 7, 8};
    CHECK(results::mann_whitney_p(low, high) == doctest::Approx(2.0 / 70));
    CHECK(results::mann_whitney_p(high, low) == doctest::Approx(2.0 / 70));
    // U = 1 of 4 and 4: 4 of 70 ways are as extreme.
    CHECK(results::mann_whitney_p(std::vector<double>{1, 2, 3, 5}, std::vector<double>{4, 6, 7, 8}) ==
          doctest::Approx(4.0 / 70));
    CHECK(results::mann_whitney_p(low, low) == doctest::Approx(1));
    CHECK(results::mann_whitney_p(std::vector<double>{3, 3, 3}, std::vector<double>{3, 3}) == 1);
    CHECK(results::mann_whitney_p(low, {}) == 1);
    std::vector<double> many;
    std::vector<double> more;
    for (int i = 0; i < 15; ++i) {
        many.push_back(i);
        more.push_back(i + 100);
    }
    CHECK(results::mann_whitney_p(many, more) < 1e-5);
    CHECK(results::mann_whitney_p(many, many) == doctest::Approx(1));
}

TEST_CASE("single runs are judged by the figure's tolerance") {
    const std::vector<results::Run> a{run_with_p99(0.100)};
    const std::vector<results::Run> b{run_with_p99(0.120)};
    const std::vector<results::Run> c{run_with_p99(0.200)};
    const auto near = results::compare(a, b, "A", "B");
    CHECK(at(near, "secrets.create.p99").verdict == Verdict::same);
    CHECK(*at(near, "secrets.create.p99").change == doctest::Approx(0.2));
    CHECK_FALSE(at(near, "secrets.create.p99").p_value);
    CHECK(near.regressions() == 0);
    const auto far = results::compare(a, c, "A", "C");
    CHECK(at(far, "secrets.create.p99").verdict == Verdict::worse);
    CHECK(far.regressions() == 1);
    CHECK(at(results::compare(c, a, "C", "A"), "secrets.create.p99").verdict == Verdict::better);
    CHECK(at(far, "sends.late").verdict == Verdict::no_data);
    CHECK_THROWS_AS(results::compare(a, {}, "A", "B"), UserError);
}

TEST_CASE("a cost of single runs has changed only when the difference is beyond the noise of its samples") {
    const auto with = [](double memory, double swing) {
        auto run = results::fixture::run();
        run.metrics.after_projects->apiserver_mem_bytes = memory;
        run.phases.clear();
        for (auto& series : run.samples) {
            for (std::size_t i = 0; i < series.values.size(); ++i) {
                if (series.name == "apiserver_mem_bytes")
                    series.values[i] = 400e6 + (i % 2 == 0 ? swing : -swing);
            }
        }
        return run;
    };
    const auto verdict = [&](double swing) {
        const std::vector<results::Run> a{with(420e6, swing)};
        const std::vector<results::Run> b{with(440e6, swing)};
        return at(results::compare(a, b, "A", "B"), "apiserver.mem_delta_per_project");
    };
    CHECK(verdict(1e6).verdict == Verdict::worse);
    CHECK(verdict(1e6).basis == "noise of the samples 208 kB");
    CHECK(verdict(10e6).verdict == Verdict::same);
    CHECK(verdict(10e6).basis.find("noise of the samples 2.") == 0);
    CHECK(verdict(0.1e6).basis == "tolerance 200 kB");
}

TEST_CASE("repeats are judged by the test, which sees less than the tolerance and ignores noise") {
    std::vector<results::Run> a;
    std::vector<results::Run> steady;
    std::vector<results::Run> noisy;
    for (const double ms : {100, 101, 102, 103}) a.push_back(run_with_p99(ms / 1000));
    for (const double ms : {118, 119, 120, 121}) steady.push_back(run_with_p99(ms / 1000));
    for (const double ms : {90, 99, 160, 180}) noisy.push_back(run_with_p99(ms / 1000));
    const auto changed = results::compare(a, steady, "A", "B");
    CHECK(at(changed, "secrets.create.p99").verdict == Verdict::worse);
    CHECK(*at(changed, "secrets.create.p99").p_value == doctest::Approx(2.0 / 70));
    CHECK(at(results::compare(a, noisy, "A", "B"), "secrets.create.p99").verdict == Verdict::same);
}

TEST_CASE("repeats that are too few for the test have changed only when they do not overlap") {
    const auto runs = [](std::initializer_list<double> milliseconds) {
        std::vector<results::Run> all;
        for (const double ms : milliseconds) all.push_back(run_with_p99(ms / 1000));
        return all;
    };
    const auto a = runs({100, 110, 120});
    const auto verdict = [&](const std::vector<results::Run>& b) {
        const auto comparison = results::compare(a, b, "A", "B");
        CHECK_FALSE(at(comparison, "secrets.create.p99").p_value);
        return at(comparison, "secrets.create.p99").verdict;
    };
    CHECK(verdict(runs({200, 210, 220})) == Verdict::worse);
    CHECK(verdict(runs({119, 210, 220})) == Verdict::same);
    CHECK(verdict(runs({50, 60, 70})) == Verdict::better);
    // A single run has no spread of its own.
    CHECK(verdict(runs({200})) == Verdict::worse);
}

TEST_CASE("workloads differ by what makes the load, not by names and paths") {
    const auto a = results::fixture::run();
    auto b = a;
    b.settings["OUT_DIR"] = "/elsewhere";
    CHECK(results::workloads_differ(a, b).empty());
    b.num_projects = 30;
    b.settings["OBJECT_CONCURRENCY"] = "16";
    CHECK(results::workloads_differ(a, b) ==
          std::vector<std::string>{"NUM_PROJECTS: 20 and 30", "OBJECT_CONCURRENCY: 8 and 16"});
    const std::vector<results::Run> one{a};
    const std::vector<results::Run> other{b};
    CHECK(results::compare(one, other, "A", "B").workload_differences.size() == 2);
}

TEST_CASE("whatever verb is part of one run's load is compared") {
    auto lists = results::fixture::run();
    lists.requests.push_back(results::fixture::creates("lists", "secrets", 50));
    lists.requests.back().verb = "list";
    lists.requests.back().load = true;
    auto slower = lists;
    *slower.requests.back().operation_latency.p99_seconds *= 3;
    const auto compared = results::compare({&lists, 1}, {&slower, 1}, "a", "b");
    CHECK(at(compared, "secrets.list.p99").verdict == Verdict::worse);
    CHECK(compared.regressions() == 1);
    const auto none = results::fixture::run();
    const auto one_sided = results::compare({&none, 1}, {&lists, 1}, "a", "b");
    CHECK(at(one_sided, "secrets.list.p99").verdict == Verdict::no_data);
    CHECK(one_sided.find("configmaps.list.p99") == nullptr);
}

TEST_CASE("a comparison as text, JSON and Markdown") {
    const std::vector<results::Run> a{run_with_p99(0.1)};
    const std::vector<results::Run> b{run_with_p99(0.2)};
    const auto comparison = results::compare(a, b, "A\x1b[31m|<b>", "b_@all.json");
    const std::string text = results::comparison_text(comparison);
    CHECK(text.find("A: A?[31m|<b> (1 run)\n") == 0);
    CHECK(text.find("secrets.create.p99") != std::string::npos);
    CHECK(text.find("+100.0 %  worse ") != std::string::npos);
    CHECK(text.find('\x1b') == std::string::npos);

    const auto json = boost::json::parse(results::comparison_json(comparison));
    CHECK(json.at("regressions").as_int64() == 1);
    CHECK(json.at("figures").as_array().size() == results::figures().size());
    CHECK(json.at("a").as_string() == "A\x1b[31m|<b>");

    const std::string markdown = results::comparison_markdown(comparison);
    CHECK(
        markdown.find("| secrets.create.p99 | 100 ms | 200 ms | +100.0 % | worse | tolerance 25.0 ms |\n") !=
        std::string::npos);
    CHECK(markdown.find("A?\\[31m\\|&lt;b>") != std::string::npos);
    CHECK(markdown.find("b\\_&#64;all.json") != std::string::npos);
}
