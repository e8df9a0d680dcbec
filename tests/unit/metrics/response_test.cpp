#include "metrics/response.hpp"

#include <doctest/doctest.h>

#include <string>

#include "metrics/server_facts.hpp"
#include "scripted_server.hpp"

namespace milo_perf::metrics {
using test::matrix_answer;
using test::vector_answer;

TEST_CASE("an instant vector gives one point per series") {
    const QueryResult result = parse_query_response(
        200, vector_answer(R"({"metric":{"__name__":"up","pod":"a"},"value":[1700000000.5,"0.25"]},
                         {"metric":{"pod":"b"},"value":[1700000000.5,"2"]})"),
        10);
    REQUIRE(result.ok());
    REQUIRE(result.series.size() == 2);
    CHECK(result.series[0].labels.at("pod") == "a");
    CHECK(result.series[0].points.at(0).time_seconds == 1700000000.5);
    CHECK(sum_of(result) == 2.25);
    CHECK(labels_text(result.series[0].labels) == R"(pod="a")");
}

TEST_CASE("NaN and infinities are no values, and no sum is made of them") {
    const QueryResult result = parse_query_response(200, vector_answer(R"({"metric":{},"value":[1,"NaN"]},
                         {"metric":{},"value":[1,"+Inf"]},{"metric":{},"value":[1,"-Inf"]})"),
                                                    10);
    REQUIRE(result.ok());
    CHECK(result.series.size() == 3);
    CHECK_FALSE(sum_of(result));
}

TEST_CASE("an empty answer is no zero") {
    const QueryResult result = parse_query_response(200, vector_answer(""), 10);
    CHECK(result.ok());
    CHECK_FALSE(sum_of(result));
}

TEST_CASE("a range answer keeps its points, a scalar is one") {
    const QueryResult range = parse_query_response(
        200, matrix_answer(R"({"metric":{"verb":"GET"},"values":[[1,"1"],[2,"NaN"],[3,"3"]]})"), 10);
    REQUIRE(range.series.size() == 1);
    REQUIRE(range.series[0].points.size() == 3);
    CHECK_FALSE(range.series[0].points[1].value);
    CHECK(range.series[0].points[2].value == 3.0);
    const QueryResult scalar = parse_query_response(
        200, R"({"status":"success","data":{"resultType":"scalar","result":[5,"7"]}})", 10);
    CHECK(sum_of(scalar) == 7.0);
}

TEST_CASE("series beyond the limit are left out") {
    std::string elements;
    for (int i = 0; i < 5; ++i)
        elements += (i == 0 ? "" : ",") + std::string(R"({"metric":{},"value":[1,"1"]})");
    CHECK(parse_query_response(200, vector_answer(elements), 3).series.size() == 3);
}

TEST_CASE("a 4xx is final, a 5xx and 429 may pass; the reason says what the server said") {
    const QueryResult refused = parse_query_response(
        422, R"({"status":"error","errorType":"422","error":"cannot parse\n\"foo(\""})", 10);
    CHECK(refused.status == QueryStatus::refused);
    CHECK(refused.reason == "status 422: cannot parse \"foo(\"");
    CHECK(parse_query_response(503, "", 10).status == QueryStatus::unavailable);
    CHECK(parse_query_response(503, "", 10).reason == "status 503");
    CHECK(parse_query_response(429, "slow down", 10).status == QueryStatus::unavailable);
    CHECK(parse_query_response(401, "who?", 10).status == QueryStatus::refused);
    CHECK(parse_query_response(500, std::string(5000, 'x'), 10).reason.size() < 400);
}

TEST_CASE("whatever a server sends, parsing returns") {
    for (const char* body :
         {"", "no json", "[]", "null", "{}", R"({"data":3})", R"({"data":{"result":7}})",
          R"({"data":{"resultType":"vector","result":[1,null,{}]}})", R"({"error":5})",
          R"({"data":{"resultType":"vector","result":[{"metric":[],"value":[1]},{"value":["x","y"]}]}})",
          R"({"data":{"resultType":"matrix","result":[{"values":[[],[1,2,3],"x",[1,{}]]}]}})"}) {
        CAPTURE(body);
        const QueryResult result = parse_query_response(200, body, 10);
        CHECK_FALSE(sum_of(result));
        CHECK(result.ok() == result.reason.empty());
    }
    CHECK(parse_query_response(200, std::string(100'000, '['), 10).status == QueryStatus::unavailable);
    CHECK(parse_query_response(200, R"({"status":"error","error":"no"})", 10).status == QueryStatus::refused);
}

TEST_CASE("the version is read from vm_app_version, or from buildinfo") {
    CHECK(version_in_metrics(
              "x 1\nvm_app_version{version=\"victoria-metrics-20220712\", short_version=\"v1.79.1\"} 1\n") ==
          "v1.79.1");
    CHECK(version_in_metrics("vm_app_version{version=\"vm-7\", short_version=\"\"} 1") == "vm-7");
    CHECK_FALSE(version_in_metrics("go_info{version=\"go1.19\"} 1"));
    CHECK_FALSE(version_in_metrics("vm_app_version{version=\"un"));
    CHECK(version_in_buildinfo(R"({"status":"success","data":{"version":"2.24.0"}})") == "2.24.0");
    CHECK_FALSE(version_in_buildinfo(R"({"data":[]})"));
}

TEST_CASE("clocks agree within the second that the server tells") {
    CHECK(skew_of(1000, 1000.9) == 0);
    CHECK(skew_of(1000, 1000.0) == 0);
    CHECK(skew_of(1000, 1060.5) == -60);
    CHECK(skew_of(1060, 1000.5) == 60);
}

TEST_CASE("the latency offset is what time() does not tell at the end of a range") {
    QueryResult range;
    range.status = QueryStatus::ok;
    Series& series = range.series.emplace_back();
    for (double t = 910; t <= 1000; ++t) series.points.push_back({t, std::min(t, 970.0)});
    CHECK(latency_offset_of(range, 1000) == 30);
    for (Point& point : series.points) point.value = point.time_seconds;
    CHECK(latency_offset_of(range, 1000) == 0);
    for (Point& point : series.points) point.value = 5;
    CHECK(latency_offset_of(range, 1000) == latency_probe_seconds);
    CHECK(latency_offset_of(QueryResult{}, 1000) == 0);
}

}  // namespace milo_perf::metrics
