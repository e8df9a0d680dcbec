#include "metrics/preflight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "metrics/unix_time.hpp"

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
asio::awaitable<std::string> why_missing(VictoriaMetrics& server, const Source& source, Figure figure,
                                         WallTime now) {
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

/// The pods of the first label variant that has any.
asio::awaitable<std::vector<std::string>> pods_of(VictoriaMetrics& server, const Source& source,
                                                  Figure figure, WallTime now) {
    for (const LabelVariant& variant : label_variants()) {
        const QueryResult result = co_await server.query(pods_query(figure, source, variant), now);
        std::vector<std::string> pods = values_of(result, std::string(variant.pod_label));
        if (!pods.empty() || !result.ok()) co_return pods;
    }
    co_return std::vector<std::string>();
}

/// `now` is the server's time. Adds to `pods` those that the figure is taken from.
asio::awaitable<SeriesCheck> check_figure(VictoriaMetrics& server, const Source& source, Figure figure,
                                          WallTime now, std::set<std::string>& pods) {
    SeriesCheck check;
    check.subject = fmt::format("{} {}", component_of(figure), quantity_of(figure));
    const QueryResult newest = co_await server.query(any_newest_query(figure, source), now);
    if (!newest.ok()) {
        const Knobs knobs = knobs_of(figure, source);
        check.message =
            fmt::format("the query was not answered: {}; check {}", newest.reason, knobs.regex_knob);
        co_return check;
    }
    const std::optional<double> at = sum_of(newest);
    check.ok = at.has_value();
    if (!at) {
        check.message = co_await why_missing(server, source, figure, now);
        co_return check;
    }
    const double age = std::chrono::duration<double>(now.time_since_epoch()).count() - *at;
    const std::vector<std::string> found = co_await pods_of(server, source, figure, now);
    pods.insert(found.begin(), found.end());
    check.message = fmt::format("the newest sample is {:.0f} s old", std::max(0.0, age));
    if (!found.empty())
        check.message += fmt::format(", of the pod{} {}", found.size() == 1 ? "" : "s", some_of(found));
    co_return check;
}

bool is_random(char c) {
    // Kubernetes' own alphabet for generated names.
    constexpr std::string_view alphabet = "bcdfghjklmnpqrstvwxz2456789";
    return alphabet.find(c) != std::string_view::npos;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

template <class Is>
bool all_of(std::string_view text, Is is) {
    return !text.empty() && std::all_of(text.begin(), text.end(), is);
}

/// Cuts off what follows the last dash when it is as `fits` says.
template <class Fits>
bool cut_suffix(std::string_view& name, Fits fits) {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0 || !fits(name.substr(dash + 1))) return false;
    name = name.substr(0, dash);
    return true;
}

}  // namespace

std::string workload_name(std::string_view pod) {
    std::string_view name = pod;
    const auto of_pod = [](std::string_view part) {
        return part.size() == 5 && all_of(part, is_random) && !all_of(part, is_digit);
    };
    // The hash of a ReplicaSet's template, before the pod's own suffix.
    const auto of_replica_set = [](std::string_view part) {
        return part.size() >= 8 && part.size() <= 10 && all_of(part, is_random) && !all_of(part, is_digit);
    };
    const auto number = [](std::string_view part) { return all_of(part, is_digit); };
    if (cut_suffix(name, of_pod)) cut_suffix(name, of_replica_set);
    while (cut_suffix(name, number)) {
    }
    // Static pods are named after their node: kube-apiserver-cp1.
    while (!name.empty() && is_digit(name.back())) name.remove_suffix(1);
    return std::string(name.empty() ? pod : name);
}

std::string several_workloads_sentence(const std::vector<std::string>& pods, std::string_view regex_knob) {
    std::map<std::string, std::vector<std::string>> workloads;
    for (const std::string& pod : pods) workloads[workload_name(pod)].push_back(pod);
    // Names that only differ are one component on several nodes; one that extends another is something else
    // of it, such as etcd and etcd-backup.
    const auto extended = [&workloads](const auto& longer) {
        return std::any_of(workloads.begin(), workloads.end(), [&longer](const auto& shorter) {
            const std::string& name = longer.first;
            return name.size() > shorter.first.size() && name.starts_with(shorter.first) &&
                   name[shorter.first.size()] == '-';
        });
    };
    if (std::none_of(workloads.begin(), workloads.end(), extended)) return {};
    std::vector<std::string> parts;
    for (const auto& [name, members] : workloads)
        parts.push_back(fmt::format("{} ({})", name, some_of(members)));
    return fmt::format(
        "{} matches pods of {} workloads, and the figures are sums over all of them: {}; narrow it",
        regex_knob, workloads.size(), some_of(parts));
}

std::string clock_skew_sentence(std::string_view whose, double skew_seconds) {
    if (std::abs(skew_seconds) <= most_clock_skew_seconds) return {};
    return fmt::format(
        "the clock of {} is {:.0f} s {} this machine's: synchronize them (NTP), times of the two do not fit "
        "together otherwise",
        whose, std::abs(skew_seconds), skew_seconds > 0 ? "ahead of" : "behind");
}

asio::awaitable<std::vector<SeriesCheck>> check_series(VictoriaMetrics& server, const Source& source) {
    std::vector<SeriesCheck> checks;
    SeriesCheck& answers = checks.emplace_back();
    answers.subject = "VictoriaMetrics";
    const ClockResult time = co_await server.clock();
    answers.ok = time.answered;
    if (!answers.ok) {
        answers.message = fmt::format(
            "{} does not answer queries: {}; check VM_BASE_URL (or VM_SERVICE_NAME, VM_NAMESPACE and "
            "VM_PORT)",
            server.name(), time.reason);
        co_return checks;
    }
    answers.message = fmt::format("answers at {}", server.name());
    const double skew = time.clock ? time.clock->skew_seconds : 0;
    if (std::string skewed = clock_skew_sentence("VictoriaMetrics", skew); !skewed.empty())
        checks.push_back({"clocks", false, std::move(skewed)});
    static constexpr std::array<std::string_view, 2> components{"Milo apiserver", "etcd"};
    for (const std::string_view component : components) {
        std::set<std::string> pods;
        std::string_view regex_knob;
        for (const Figure figure : all_figures) {
            if (component_of(figure) != component) continue;
            regex_knob = knobs_of(figure, source).regex_knob;
            const WallTime now = wall_time(unix_seconds(WallClock::now()) + skew);
            SeriesCheck check = co_await check_figure(server, source, figure, now, pods);
            checks.push_back(std::move(check));
        }
        std::string several = several_workloads_sentence({pods.begin(), pods.end()}, regex_knob);
        if (!several.empty())
            checks.push_back({fmt::format("{} pods", component), false, std::move(several)});
    }
    co_return checks;
}

}  // namespace milo_perf::metrics
