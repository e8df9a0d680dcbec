#include "metrics/preflight.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace milo_perf::metrics {
namespace asio = boost::asio;

namespace {

constexpr std::size_t most_names = 5;

struct Knobs {
    std::string_view regex_knob;
    const std::string& regex;
};

Knobs knobs_of(Figure figure, const Source& source) {
    if (component_of(figure) == "etcd") return {"ETCD_POD_REGEX", source.etcd_pod_regex};
    return {"APISERVER_POD_REGEX", source.apiserver_pod_regex};
}

/// Up to five names, and how many more there are.
std::string some_of(const std::vector<std::string>& names) {
    const auto shown = static_cast<std::ptrdiff_t>(std::min(names.size(), most_names));
    std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
    if (names.size() > most_names) text += fmt::format(" and {} more", names.size() - most_names);
    return text;
}

std::vector<std::string> values_of(const QueryResult& result, const std::string& label) {
    std::vector<std::string> values;
    for (const Series& series : result.series) {
        const auto found = series.labels.find(label);
        if (found != series.labels.end() && !found->second.empty()) values.push_back(found->second);
    }
    std::sort(values.begin(), values.end());
    return values;
}

/// Says on which of its matchers a selector fails: metric, namespace or pod.
asio::awaitable<std::string> why_missing(VictoriaMetrics& server, const Source& source, Figure figure) {
    const WallTime now = WallClock::now();
    const std::string_view metric = metric_of(figure);
    const QueryResult namespaces =
        co_await server.query(fmt::format("count by (namespace) ({})", metric), now);
    if (namespaces.ok() && namespaces.series.empty()) {
        co_return fmt::format(
            "VictoriaMetrics has no series {} at all: let it scrape the kubelets' cAdvisor metrics", metric);
    }
    const std::vector<std::string> known = values_of(namespaces, "namespace");
    if (namespaces.ok() && std::find(known.begin(), known.end(), source.milo_namespace) == known.end()) {
        co_return fmt::format("no series {} is of the namespace {} (there are: {}): check MILO_NAMESPACE",
                              metric, source.milo_namespace, some_of(known));
    }
    const QueryResult pods =
        co_await server.query(fmt::format("count by (pod, pod_name) ({}{{namespace={}}})", metric,
                                          promql_string(source.milo_namespace)),
                              now);
    std::vector<std::string> names = values_of(pods, "pod");
    if (names.empty()) names = values_of(pods, "pod_name");
    const Knobs knobs = knobs_of(figure, source);
    co_return fmt::format(
        "no pod with a series {} in the namespace {} matches {} '{}' (there are: {}): correct it", metric,
        source.milo_namespace, knobs.regex_knob, knobs.regex, some_of(names));
}

asio::awaitable<SeriesCheck> check_figure(VictoriaMetrics& server, const Source& source, Figure figure) {
    SeriesCheck check;
    check.subject = fmt::format("{} {}", component_of(figure), quantity_of(figure));
    const WallTime now = WallClock::now();
    const QueryResult newest = co_await server.query(any_newest_query(figure, source), now);
    if (!newest.ok()) {
        const Knobs knobs = knobs_of(figure, source);
        check.message =
            fmt::format("the query was not answered: {}; check {}", newest.reason, knobs.regex_knob);
        co_return check;
    }
    const std::optional<double> at = sum_of(newest);
    check.ok = at.has_value();
    if (at) {
        const double age = std::chrono::duration<double>(now.time_since_epoch()).count() - *at;
        check.message = fmt::format("the newest sample is {:.0f} s old", std::max(0.0, age));
    } else {
        check.message = co_await why_missing(server, source, figure);
    }
    co_return check;
}

}  // namespace

asio::awaitable<std::vector<SeriesCheck>> check_series(VictoriaMetrics& server, const Source& source) {
    std::vector<SeriesCheck> checks;
    SeriesCheck& answers = checks.emplace_back();
    answers.subject = "VictoriaMetrics";
    const QueryResult one = co_await server.query("vector(1)", WallClock::now());
    answers.ok = one.ok();
    if (!one.ok()) {
        answers.message = fmt::format(
            "{} does not answer queries: {}; check VM_BASE_URL (or VM_SERVICE_NAME, VM_NAMESPACE and "
            "VM_PORT)",
            server.name(), one.reason);
        co_return checks;
    }
    answers.message = fmt::format("answers at {}", server.name());
    for (const Figure figure : all_figures) {
        SeriesCheck check = co_await check_figure(server, source, figure);
        checks.push_back(std::move(check));
    }
    co_return checks;
}

}  // namespace milo_perf::metrics
