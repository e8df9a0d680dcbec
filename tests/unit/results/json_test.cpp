#include "results/json.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <limits>

#include "base/error.hpp"
#include "run_fixture.hpp"

using namespace milo_perf;
namespace json = boost::json;

namespace {

std::string problem_of(std::string_view text) {
    try {
        results::from_json(text, "A.json");
    } catch (const UserError& error) {
        return error.what();
    }
    return "";
}

constexpr std::string_view seed_file = R"({
  "test_id": "1a2b3c4d", "timestamp": "2026-03-01T10:00:00.123456+00:00", "org_name": "perf-1a2b3c4d",
  "num_projects": 100, "num_secrets_per_project": 100, "num_configmaps_per_project": 100,
  "projects_ready_seconds": 81.2,
  "metrics": {
    "baseline": {"apiserver_cpu_cores": 0.1, "apiserver_mem_bytes": 400000000.0, "etcd_cpu_cores": 0.05, "etcd_mem_bytes": 90000000.0},
    "after_projects": {"apiserver_cpu_cores": 0.2, "apiserver_mem_bytes": 500000000.0, "etcd_cpu_cores": 0.06, "etcd_mem_bytes": 91000000.0},
    "after_secrets": null}})";

}  // namespace

TEST_CASE("a run reads back as it was written") {
    const std::string text = results::to_json(results::fixture::run());
    CHECK(text.ends_with("}\n"));
    CHECK(results::fixture::rounded(results::to_json(results::from_json(text, "A.json"))) ==
          results::fixture::rounded(text));
    CHECK(text.starts_with("{\n \"test_id\": \"0badcafe\",\n \"timestamp\""));
}

TEST_CASE("consumers find the replaced runner's keys with its types") {
    results::Run run = results::fixture::run();
    run.projects_ready_seconds = 12;
    run.metrics.after_secrets.reset();
    const json::value parsed = json::parse(results::to_json(run));
    const json::object& object = parsed.as_object();
    for (const char* key : {"test_id", "timestamp", "org_name"}) CHECK(object.at(key).is_string());
    for (const char* key : {"num_projects", "num_secrets_per_project", "num_configmaps_per_project"}) {
        CHECK(object.at(key).is_int64());
    }
    CHECK(object.at("projects_ready_seconds").is_double());
    const json::object& metrics = object.at("metrics").as_object();
    for (const char* when : {"baseline", "after_projects"}) {
        for (const char* key :
             {"apiserver_cpu_cores", "apiserver_mem_bytes", "etcd_cpu_cores", "etcd_mem_bytes"}) {
            CHECK(metrics.at(when).as_object().at(key).is_double());
        }
    }
    CHECK(metrics.at("after_secrets").is_null());
}

TEST_CASE("the replaced runner's own file is read") {
    const results::Run run = results::from_json(seed_file, "old.json");
    CHECK(run.num_projects == 100);
    CHECK(*run.projects_ready_seconds == 81.2);
    REQUIRE(run.metrics.after_projects);
    CHECK(*run.metrics.after_projects->apiserver_mem_bytes == 5e8);
    CHECK_FALSE(run.metrics.after_secrets);
    CHECK(run.readiness.slo_seconds == 60);
    CHECK(run.requests.empty());
}

TEST_CASE("unknown keys are ignored and missing ones keep their default") {
    const auto run = results::from_json(
        R"({"test_id":"x","num_projects":3.0,"metrics":{},"future":[1,{"a":2}],"client":null,
            "timeline":[{"phase":"objects","new":1}],"objects":{"secrets":{"created":7}}})",
        "A.json");
    CHECK(run.num_projects == 3);
    REQUIRE(run.timeline.size() == 1);
    CHECK(run.timeline[0].interval_seconds == 1);
    CHECK(run.objects.at("secrets").created == 7);
}

TEST_CASE("files that are no results are refused with their name and the key") {
    CHECK(problem_of("") == "A.json is empty.");
    CHECK(problem_of("{\"test_id\":").find("A.json is not valid JSON") == 0);
    CHECK(problem_of("{}{}").find("not valid JSON") != std::string::npos);
    CHECK(problem_of("[1]").find("not a JSON object") != std::string::npos);
    CHECK(problem_of("{\"kind\":\"Pod\"}").find("no \"test_id\"") != std::string::npos);
    CHECK(problem_of(std::string(100000, '[')).find("not valid JSON") != std::string::npos);
    const auto with = [](std::string_view rest) {
        return problem_of("{\"test_id\":\"x\",\"num_projects\":1,\"metrics\":{}," + std::string(rest) + "}");
    };
    CHECK(with("\"projects\":[{\"name\":\"a\"},{\"name\":5}]").find("\"projects[1].name\" is not a text") !=
          std::string::npos);
    CHECK(with("\"objects\":{\"secrets\":{\"created\":-1}}").find("objects.secrets.created") !=
          std::string::npos);
    CHECK(with("\"duration_seconds\":1e999").find("duration_seconds") != std::string::npos);
    CHECK(with("\"samples\":[{\"values\":[1]}]").find("samples[0]") != std::string::npos);
    CHECK(with("\"thinned\":1").find("\"thinned\" is not true or false") != std::string::npos);
}

TEST_CASE("hostile texts and figures still make valid JSON") {
    results::Run run = results::fixture::run();
    run.org_name = "\xff\xc0\xaf</script>\"\\\x01\n\xed\xa0\x80\xf0\x9f\x98\x80";
    run.duration_seconds = std::numeric_limits<double>::quiet_NaN();
    const auto parsed = json::parse(results::to_json(run));
    CHECK(parsed.at("duration_seconds").is_null());
    const std::string name(parsed.at("org_name").as_string());
    CHECK(name.find("</script>\"\\\x01\n") != std::string::npos);
    CHECK(name.find("\xf0\x9f\x98\x80") != std::string::npos);
}
