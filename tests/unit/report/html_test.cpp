#include "report/html.hpp"

#include <doctest/doctest.h>

#include <string_view>

#include "report/assets.hpp"
#include "report/text.hpp"
#include "results/json.hpp"
#include "unit/report/fixture_run.hpp"

using namespace milo_perf;
using namespace milo_perf::report;

namespace {

bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

std::size_t times(std::string_view text, std::string_view part) {
    std::size_t result = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++result;
    return result;
}

}  // namespace

TEST_CASE("The page allows its own script and style only, and loads nothing") {
    const std::string page = html(report_test::typical_run(3));
    CHECK(contains(page, "default-src 'none'; script-src " + csp_hash(assets::chart_library()) + " " +
                             csp_hash(assets::script()) + "; style-src " + csp_hash(assets::stylesheet())));
    CHECK_FALSE(contains(page, "unsafe"));
    CHECK(times(page, "<script") == 2);
    CHECK_FALSE(contains(page, "src="));
    CHECK_FALSE(contains(page, " style="));
}

TEST_CASE("Chart.js is the version whose API the script uses") {
    CHECK(contains(assets::chart_library().substr(0, 200), "Chart.js v3."));
}

TEST_CASE("The results are in the page once") {
    const auto run = report_test::typical_run(20);
    const std::string page = html(run);
    CHECK(times(page, data_uri("application/json", results::to_json(run))) == 1);
    CHECK_FALSE(contains(page, run.requests[0].operation_latency.histogram));
}

TEST_CASE("No text from outside becomes markup, whatever field it is in") {
    const std::string evil = "<x\"'>&\x1B\u202E";
    const std::string page = html(report_test::hostile_run(evil));
    CHECK_FALSE(contains(page, "<x"));
    CHECK_FALSE(contains(page, "\x1B"));
    CHECK_FALSE(contains(page, "\u202E"));
    CHECK(times(page, "&lt;x&quot;&#39;&gt;&amp;\xEF\xBF\xBD\xEF\xBF\xBD") > 50);
}

TEST_CASE("A run without anything is a page all the same") {
    const std::string page = html(results::Run{});
    CHECK(contains(page, "What did a Project cost?"));
    CHECK(contains(page, "n/a"));
    CHECK(contains(html(report_test::bare_run()), "The Organization could not be created: 403 Forbidden."));
}

TEST_CASE("A shortened copy says so") {
    auto run = report_test::typical_run(3);
    CHECK_FALSE(contains(html(run), "This copy was shortened"));
    run.thinned = true;
    CHECK(contains(html(run), "The files on disk are complete."));
}

TEST_CASE("The word extrapolation stands at every figure that is one") {
    CHECK(times(html(report_test::typical_run()), "<span class=\"explanation\">extrapolation; range ") == 8);
}

TEST_CASE("A comparison of fewer than two runs says what is missing") {
    CHECK(contains(comparison_html({}, {}), "needs two runs"));
    CHECK(contains(comparison_html({report_test::typical_run(2)}, {}), "needs two runs"));
}

TEST_CASE("Three runs stand side by side, each against the first; a missing name is the test id") {
    auto other = report_test::typical_run(2);
    other.test_id = "third";
    other.num_projects = 50;
    const std::string page = comparison_html(
        {report_test::typical_run(2), report_test::typical_run(2), other}, {"a.json", "b.json"});
    CHECK(contains(page, "b.json against a.json"));
    CHECK(contains(page, "third against a.json"));
    CHECK(contains(page, "third ran another workload than a.json"));
    CHECK_FALSE(contains(page, "b.json ran another workload"));
}
