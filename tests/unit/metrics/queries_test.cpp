#include "metrics/queries.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "base/error.hpp"

namespace milo_perf::metrics {

namespace {
const Source source{"milo-system", "milo-apiserver.*", "etcd.*", "2m", 120};

std::string refusal(const std::string& yaml) {
    try {
        parse_sample_queries(yaml, "my.yaml");
    } catch (const UserError& error) {
        return error.what();
    }
    return {};
}
}  // namespace

TEST_CASE("the figures' queries are those of the runner that milo-perf replaces") {
    const auto variants = label_variants();
    REQUIRE(variants.size() == 6);
    CHECK(value_query(Figure::apiserver_cpu_cores, source, variants[0]) ==
          "sum(rate(container_cpu_usage_seconds_total{namespace=\"milo-system\",pod=~\"milo-apiserver.*\","
          "container!=\"\",container!=\"POD\"}[2m]))");
    CHECK(value_query(Figure::etcd_mem_bytes, source, variants[5]) ==
          "sum(avg_over_time(container_memory_working_set_bytes{namespace=\"milo-system\","
          "pod_name=~\"etcd.*\"}[2m]))");
    CHECK(
        count_query(Figure::etcd_cpu_cores, source, variants[4]) ==
        "count_over_time(container_cpu_usage_seconds_total{namespace=\"milo-system\",pod=~\"etcd.*\"}[2m])");
    CHECK(variants[0].name == R"(pod,container!="",container!="POD")");
    CHECK(variants[2].name == R"(pod_name,container_name!="",container_name!="POD")");
    // Old kubelets' label sets: a pod's own cgroup and its pause container have no other name.
    CHECK(value_query(Figure::etcd_cpu_cores, source, variants[2]) ==
          "sum(rate(container_cpu_usage_seconds_total{namespace=\"milo-system\",pod_name=~\"etcd.*\","
          "container_name!=\"\",container_name!=\"POD\"}[2m]))");
    // What counts a pod's parts and its total is tried after all that do not.
    for (std::size_t i = 0; i < variants.size(); ++i) CHECK(variants[i].container_label.empty() == (i >= 4));
    CHECK(pods_query(Figure::etcd_cpu_cores, source, variants[5]) ==
          "count by (pod_name) "
          "(container_cpu_usage_seconds_total{namespace=\"milo-system\",pod_name=~\"etcd.*\"})");
}

TEST_CASE("no text leaves its PromQL string") {
    CHECK(promql_string(R"(a"b\c)") == R"("a\"b\\c")");
    CHECK(promql_string("x\ny\x01") == R"("x\ny\x01")");
    Source hostile = source;
    hostile.etcd_pod_regex = R"(e\.d"} or vector(1) #)";
    CHECK(selector(Figure::etcd_cpu_cores, hostile, label_variants()[4]) ==
          R"(container_cpu_usage_seconds_total{namespace="milo-system",pod=~"e\\.d\"} or vector(1) #"})");
}

TEST_CASE("the sampler's own queries have unique names, known units and, for figures, every variant") {
    const std::vector<SampleQuery> queries = default_sample_queries(source);
    std::set<std::string> names;
    const std::set<std::string> units{"cores", "bytes", "per_second", "seconds", "count"};
    for (const SampleQuery& query : queries) {
        CHECK(names.insert(query.name).second);
        CHECK(units.count(query.unit) == 1);
        CHECK_FALSE(query.queries.empty());
    }
    CHECK(queries.at(0).name == "apiserver_cpu_cores");
    CHECK(queries.at(0).queries.size() == label_variants().size());
    CHECK(names.count("etcd_db_bytes") == 1);
    CHECK(names.count("stored_objects") == 1);
}

TEST_CASE("the user's queries are read; title and unit have defaults") {
    const auto queries = parse_sample_queries(
        "- {name: up, query: sum(up)}\n- name: lag\n  title: Lag of it\n  unit: seconds\n  query: max(lag)\n",
        "my.yaml");
    REQUIRE(queries.size() == 2);
    CHECK(queries[0].title == "up");
    CHECK(queries[0].unit == "count");
    CHECK(queries[1].title == "Lag of it");
    CHECK(queries[1].queries == std::vector<std::string>{"max(lag)"});
    CHECK(parse_sample_queries("[]", "my.yaml").empty());
}

TEST_CASE("malformed files of queries are refused with file and entry") {
    CHECK(refusal("name: x").find("my.yaml: it is no list") != std::string::npos);
    CHECK(refusal("- [").find("no valid YAML in line") != std::string::npos);
    CHECK(refusal("- {query: up}").find("entry 1 needs a 'name'") != std::string::npos);
    CHECK(refusal("- {name: 'a b', query: up}").find("entry 1 needs a 'name'") != std::string::npos);
    CHECK(refusal("- {name: a}").find("entry 'a' needs a 'query'") != std::string::npos);
    CHECK(refusal("- {name: a, query: up, unti: x}").find("unknown key 'unti'") != std::string::npos);
    CHECK(refusal("- {name: a, query: up, unit: MB}").find("unit 'MB'") != std::string::npos);
    CHECK(refusal("- {name: a, query: [up]}").find("is no text") != std::string::npos);
    CHECK(refusal("- {name: a, query: up}\n- {name: a, query: up}").find("there twice") != std::string::npos);
    CHECK(refusal("").find("it is no list") != std::string::npos);
    CHECK_THROWS_AS(load_sample_queries(source, "/nonexistent/q.yaml"), UserError);
    CHECK(load_sample_queries(source, "").size() == default_sample_queries(source).size());
}

}  // namespace milo_perf::metrics
