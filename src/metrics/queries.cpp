#include "metrics/queries.hpp"

#include <fmt/format.h>

namespace milo_perf::metrics {

namespace {

constexpr std::array variants{
    LabelVariant{"pod", "container", R"(pod,container!="",container!="POD")"},
    LabelVariant{"pod", "container_name", R"(pod,container_name!="",container_name!="POD")"},
    LabelVariant{"pod_name", "container_name", R"(pod_name,container_name!="",container_name!="POD")"},
    LabelVariant{"pod_name", "container", R"(pod_name,container!="",container!="POD")"},
    LabelVariant{"pod", "", "pod"},
    LabelVariant{"pod_name", "", "pod_name"},
};

bool is_cpu(Figure figure) {
    return figure == Figure::apiserver_cpu_cores || figure == Figure::etcd_cpu_cores;
}

bool is_apiserver(Figure figure) {
    return figure == Figure::apiserver_cpu_cores || figure == Figure::apiserver_mem_bytes;
}

}  // namespace

std::string_view metric_of(Figure figure) {
    return is_cpu(figure) ? "container_cpu_usage_seconds_total" : "container_memory_working_set_bytes";
}

std::span<const LabelVariant> label_variants() {
    return variants;
}

std::string_view to_string(Figure figure) {
    switch (figure) {
        case Figure::apiserver_cpu_cores:
            return "apiserver_cpu_cores";
        case Figure::apiserver_mem_bytes:
            return "apiserver_mem_bytes";
        case Figure::etcd_cpu_cores:
            return "etcd_cpu_cores";
        case Figure::etcd_mem_bytes:
            return "etcd_mem_bytes";
    }
    return {};
}

std::string_view component_of(Figure figure) {
    return is_apiserver(figure) ? "Milo apiserver" : "etcd";
}

std::string_view quantity_of(Figure figure) {
    return is_cpu(figure) ? "CPU" : "memory";
}

std::string promql_string(std::string_view text) {
    // PromQL reads strings as Go does: backslash escapes inside double quotes.
    std::string literal = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            literal.append({'\\', c});
        } else if (c == '\n') {
            literal += "\\n";
        } else if (static_cast<unsigned char>(c) < ' ') {
            literal += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        } else {
            literal += c;
        }
    }
    return literal + '"';
}

std::string selector(Figure figure, const Source& source, const LabelVariant& variant) {
    const std::string& pods = is_apiserver(figure) ? source.apiserver_pod_regex : source.etcd_pod_regex;
    std::string containers;
    if (!variant.container_label.empty())
        containers = fmt::format(R"(,{0}!="",{0}!="POD")", variant.container_label);
    return fmt::format(R"({}{{namespace={},{}=~{}{}}})", metric_of(figure),
                       promql_string(source.milo_namespace), variant.pod_label, promql_string(pods),
                       containers);
}

std::string value_query(Figure figure, const Source& source, const LabelVariant& variant) {
    return fmt::format("sum({}({}[{}]))", is_cpu(figure) ? "rate" : "avg_over_time",
                       selector(figure, source, variant), source.window);
}

std::string count_query(Figure figure, const Source& source, const LabelVariant& variant) {
    return fmt::format("count_over_time({}[{}])", selector(figure, source, variant), source.window);
}

std::string pods_query(Figure figure, const Source& source, const LabelVariant& variant) {
    return fmt::format("count by ({}) ({})", variant.pod_label, selector(figure, source, variant));
}

std::string newest_query(Figure figure, const Source& source, const LabelVariant& variant) {
    return fmt::format("max(timestamp({}))", selector(figure, source, variant));
}

std::string any_newest_query(Figure figure, const Source& source) {
    // The variants without a container filter hold the others' series too.
    std::string query;
    for (const LabelVariant& variant : variants) {
        if (!variant.container_label.empty()) continue;
        if (!query.empty()) query += " or ";
        query += fmt::format("timestamp({})", selector(figure, source, variant));
    }
    return fmt::format("max({})", query);
}

}  // namespace milo_perf::metrics
