#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <set>

#include "base/error.hpp"
#include "kube/text_file.hpp"
#include "metrics/queries.hpp"

namespace milo_perf::metrics {

namespace {

constexpr std::size_t max_file_bytes = 1024 * 1024;
constexpr std::size_t max_queries = 100;
constexpr std::array<std::string_view, 5> units{"cores", "bytes", "per_second", "seconds", "count"};

/// CPU or memory over time: the snapshots' query with every label variant.
SampleQuery figure_query(Figure figure, const Source& source) {
    SampleQuery query;
    query.name = to_string(figure);
    query.title = fmt::format("{} {}", component_of(figure), quantity_of(figure));
    query.unit = query.name.ends_with("_cores") ? "cores" : "bytes";
    for (const LabelVariant& variant : label_variants()) {
        query.queries.push_back(value_query(figure, source, variant));
    }
    return query;
}

SampleQuery single(std::string name, std::string title, std::string unit, std::string query) {
    return {std::move(name), std::move(title), std::move(unit), {std::move(query)}};
}

/// Of the apiserver's own series: those of Milo's namespace and pods where they carry such labels.
std::vector<SampleQuery> apiserver_queries(const Source& source) {
    const std::string of_milo = fmt::format("namespace={},pod=~{}", promql_string(source.milo_namespace),
                                            promql_string(source.apiserver_pod_regex));
    const std::string& window = source.window;
    // A watch lasts for minutes by design; its duration is no latency.
    const std::string not_long = R"(verb!~"WATCH|CONNECT|WATCHLIST")";
    std::vector<SampleQuery> queries;
    queries.push_back(
        single("apiserver_requests", "Apiserver requests by verb", "per_second",
               fmt::format("sum by (verb) (rate(apiserver_request_total{{{}}}[{}]))", of_milo, window)));
    queries.push_back(single("apiserver_request_p99", "Apiserver request duration by verb, p99", "seconds",
                             fmt::format("histogram_quantile(0.99, sum by (verb, le) "
                                         "(rate(apiserver_request_duration_seconds_bucket{{{},{}}}[{}])))",
                                         of_milo, not_long, window)));
    // Before Kubernetes 1.25 the label had a capital.
    queries.push_back(
        single("apiserver_in_flight", "Apiserver requests in flight", "count",
               fmt::format("sum by (request_kind, requestKind) (apiserver_current_inflight_requests{{{}}})",
                           of_milo)));
    SampleQuery objects;
    objects.name = "stored_objects";
    objects.title = "Stored objects by resource (the 10 most numerous)";
    objects.unit = "count";
    // apiserver_storage_objects since Kubernetes 1.21, etcd_object_counts before.
    for (const std::string_view metric : {"apiserver_storage_objects", "etcd_object_counts"}) {
        objects.queries.push_back(fmt::format("topk(10, max by (resource) ({}{{{}}}))", metric, of_milo));
    }
    queries.push_back(std::move(objects));
    return queries;
}

std::vector<SampleQuery> etcd_queries(const Source& source) {
    const std::string of_etcd = fmt::format("namespace={},pod=~{}", promql_string(source.milo_namespace),
                                            promql_string(source.etcd_pod_regex));
    const auto p99 = [&](std::string_view metric) {
        return fmt::format("histogram_quantile(0.99, sum by (le) (rate({}_bucket{{{}}}[{}])))", metric,
                           of_etcd, source.window);
    };
    std::vector<SampleQuery> queries;
    queries.push_back(single("etcd_db_bytes", "etcd database size", "bytes",
                             fmt::format("max(etcd_mvcc_db_total_size_in_bytes{{{}}})", of_etcd)));
    queries.push_back(single("etcd_fsync_p99", "etcd WAL fsync, p99", "seconds",
                             p99("etcd_disk_wal_fsync_duration_seconds")));
    queries.push_back(single("etcd_commit_p99", "etcd backend commit, p99", "seconds",
                             p99("etcd_disk_backend_commit_duration_seconds")));
    return queries;
}

[[noreturn]] void malformed(std::string_view origin, std::string_view what) {
    throw UserError(fmt::format(
        "SAMPLE_QUERIES: {}: {}; it holds a list of entries such as '- {{name: my_series, title: My series, "
        "unit: count, query: sum(up)}}'.",
        origin, what));
}

std::string text_of(const YAML::Node& entry, const char* key, std::string_view origin, std::size_t number) {
    const YAML::Node node = entry[key];
    if (!node) return {};
    if (!node.IsScalar()) malformed(origin, fmt::format("'{}' of entry {} is no text", key, number));
    return node.Scalar();
}

/// Names become keys of results and parts of file names.
bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= 63 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
               c == '-';
    });
}

SampleQuery query_of(const YAML::Node& entry, std::string_view origin, std::size_t number) {
    if (!entry.IsMap()) malformed(origin, fmt::format("entry {} is no map", number));
    for (const auto& member : entry) {
        const std::string key = member.first.IsScalar() ? member.first.Scalar() : std::string("?");
        if (key != "name" && key != "title" && key != "unit" && key != "query") {
            malformed(origin, fmt::format("entry {} has the unknown key '{}'", number, key));
        }
    }
    SampleQuery query =
        single(text_of(entry, "name", origin, number), text_of(entry, "title", origin, number),
               text_of(entry, "unit", origin, number), text_of(entry, "query", origin, number));
    if (!is_name(query.name)) {
        malformed(origin, fmt::format("entry {} needs a 'name' of letters, digits, '_' and '-'", number));
    }
    if (query.queries.front().find_first_not_of(" \t\r\n") == std::string::npos) {
        malformed(origin, fmt::format("entry '{}' needs a 'query'", query.name));
    }
    if (query.title.empty()) query.title = query.name;
    if (query.unit.empty()) query.unit = "count";
    if (std::find(units.begin(), units.end(), query.unit) == units.end()) {
        malformed(origin, fmt::format("entry '{}' has the unit '{}' instead of one of {}", query.name,
                                      query.unit, fmt::join(units, ", ")));
    }
    return query;
}

}  // namespace

std::vector<SampleQuery> default_sample_queries(const Source& source) {
    std::vector<SampleQuery> queries;
    queries.reserve(all_figures.size());
    for (const Figure figure : all_figures) queries.push_back(figure_query(figure, source));
    for (auto part : {apiserver_queries(source), etcd_queries(source)}) {
        queries.insert(queries.end(), part.begin(), part.end());
    }
    return queries;
}

std::vector<SampleQuery> parse_sample_queries(const std::string& yaml, std::string_view origin) {
    YAML::Node list;
    try {
        list = YAML::Load(yaml);
    } catch (const YAML::Exception& error) {
        malformed(origin, fmt::format("no valid YAML in line {}: {}", error.mark.line + 1, error.msg));
    }
    if (!list.IsSequence()) malformed(origin, "it is no list");
    if (list.size() > max_queries) malformed(origin, fmt::format("more than {} entries", max_queries));
    std::vector<SampleQuery> queries;
    std::set<std::string> names;
    for (const auto& entry : list) {
        SampleQuery query = query_of(entry, origin, queries.size() + 1);
        if (!names.insert(query.name).second) {
            malformed(origin, fmt::format("the name '{}' is there twice", query.name));
        }
        queries.push_back(std::move(query));
    }
    return queries;
}

std::vector<SampleQuery> load_sample_queries(const Source& source, const std::string& path) {
    std::vector<SampleQuery> queries = default_sample_queries(source);
    if (path.empty()) return queries;
    const kube::TextFile file = kube::read_text_file(path, max_file_bytes);
    if (!file.problem.empty()) {
        throw UserError(fmt::format("SAMPLE_QUERIES: {} cannot be read: {}.", path, file.problem));
    }
    for (SampleQuery& query : parse_sample_queries(file.text, path)) {
        const bool taken = std::any_of(queries.begin(), queries.end(),
                                       [&](const SampleQuery& known) { return known.name == query.name; });
        if (taken) malformed(path, fmt::format("the name '{}' is one of the built-in series", query.name));
        queries.push_back(std::move(query));
    }
    return queries;
}

}  // namespace milo_perf::metrics
