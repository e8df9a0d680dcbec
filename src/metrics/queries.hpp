#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace milo_perf::metrics {

/// What is measured: the pods of both components, and the window of rates and averages.
struct Source {
    std::string milo_namespace;
    std::string apiserver_pod_regex;
    std::string etcd_pod_regex;
    /// As PromQL takes it ("2m"), and in seconds.
    std::string window;
    double window_seconds = 0;
};

/// How cAdvisor's series name their pod, which differs between Kubernetes versions and scrape set-ups.
struct LabelVariant {
    /// `pod`, or `pod_name` (before Kubernetes 1.16).
    std::string_view pod_label;
    /// `container`, or `container_name` (before Kubernetes 1.16): the pod's total, whose container is empty,
    /// and its pause container are left out, since they would count twice. Empty: all series are taken.
    std::string_view container_label;
    /// For results, e.g. `pod,container!="",container!="POD"`.
    std::string_view name;
};

/// In the order in which they are tried; the first that has data and is not all zero is taken.
std::span<const LabelVariant> label_variants();

/// One of the four figures of a snapshot.
enum class Figure { apiserver_cpu_cores, apiserver_mem_bytes, etcd_cpu_cores, etcd_mem_bytes };

inline constexpr std::array all_figures{Figure::apiserver_cpu_cores, Figure::apiserver_mem_bytes,
                                        Figure::etcd_cpu_cores, Figure::etcd_mem_bytes};

/// The figure's name in results, e.g. "apiserver_cpu_cores".
std::string_view to_string(Figure figure);

/// "Milo apiserver" or "etcd", and "CPU" or "memory": for messages.
std::string_view component_of(Figure figure);
std::string_view quantity_of(Figure figure);

/// The cAdvisor metric that the figure is made of.
std::string_view metric_of(Figure figure);

/// A PromQL string literal with quotes around it; any text stays inside it.
std::string promql_string(std::string_view text);

/// `metric{namespace=…,pod=~…}` of a figure; no text of `source` can leave its string.
std::string selector(Figure figure, const Source& source, const LabelVariant& variant);

/// The figure's value: `sum(rate(…[window]))` of CPU, `sum(avg_over_time(…[window]))` of memory.
std::string value_query(Figure figure, const Source& source, const LabelVariant& variant);

/// Samples in the window, one value per series.
std::string count_query(Figure figure, const Source& source, const LabelVariant& variant);

/// Time of the newest sample over all series, seconds since 1970.
std::string newest_query(Figure figure, const Source& source, const LabelVariant& variant);

/// As newest_query, over whatever variant there is.
std::string any_newest_query(Figure figure, const Source& source);

/// The pods that a figure is taken from, one series each.
std::string pods_query(Figure figure, const Source& source, const LabelVariant& variant);

/// One query that the sampler follows.
struct SampleQuery {
    std::string name;
    std::string title;
    /// `cores`, `bytes`, `per_second`, `seconds`, `count`.
    std::string unit;
    /// Alternatives in the order in which they are tried until one has data; the user's have one.
    std::vector<std::string> queries;
};

/// CPU and memory of both components, request rate, latency and in-flight of the apiserver, size and disk
/// latency of etcd, number of stored objects.
std::vector<SampleQuery> default_sample_queries(const Source& source);

/// Reads the user's queries: a YAML list of `{name, title, unit, query}` (title and unit may be left out).
/// Throws UserError naming `origin` (a path) and the entry for what is malformed or repeats a name.
std::vector<SampleQuery> parse_sample_queries(const std::string& yaml, std::string_view origin);

/// The default queries and those of the file at `path` (SAMPLE_QUERIES; empty for none). Throws UserError.
std::vector<SampleQuery> load_sample_queries(const Source& source, const std::string& path);

}  // namespace milo_perf::metrics
