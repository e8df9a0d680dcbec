#include "metrics/server_facts.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <cmath>
#include <ranges>

namespace milo_perf::metrics {

namespace {

/// The value of a label in one line of exposition text; empty when it is not there.
std::string_view label_in(std::string_view line, std::string_view name) {
    for (std::size_t at = line.find(name); at != std::string_view::npos; at = line.find(name, at + 1)) {
        const bool begins = at > 0 && (line[at - 1] == '{' || line[at - 1] == ',' || line[at - 1] == ' ');
        const std::size_t value = at + name.size() + 2;
        if (!begins || line.substr(at + name.size(), 2) != "=\"") continue;
        const std::size_t end = line.find('"', value);
        return end == std::string_view::npos ? std::string_view{} : line.substr(value, end - value);
    }
    return {};
}

}  // namespace

std::optional<std::string> version_in_metrics(std::string_view text) {
    constexpr std::string_view series = "vm_app_version{";
    std::size_t at = text.find(series);
    while (at != std::string_view::npos && at > 0 && text[at - 1] != '\n') at = text.find(series, at + 1);
    if (at == std::string_view::npos) return std::nullopt;
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    for (const std::string_view label : {"short_version", "version"}) {
        const std::string_view value = label_in(line, label);
        if (!value.empty()) return std::string(value.substr(0, 100));
    }
    return std::nullopt;
}

std::optional<std::string> version_in_buildinfo(std::string_view body) {
    boost::system::error_code error;
    const boost::json::value answer = boost::json::parse(body, error);
    if (error) return std::nullopt;
    const boost::json::value* version = answer.find_pointer("/data/version", error);
    if (error || version == nullptr || !version->is_string() || version->get_string().empty()) {
        return std::nullopt;
    }
    const auto& text = version->get_string();
    return std::string(text.data(), std::min<std::size_t>(text.size(), 100));
}

double skew_of(double server_seconds, double our_seconds) {
    const double skew = server_seconds + 0.5 - our_seconds;
    return std::abs(skew) <= 1 ? 0 : skew;
}

double latency_offset_of(const QueryResult& range, double end_seconds) {
    if (!range.ok() || range.series.empty()) return 0;
    const std::vector<Point>& points = range.series.front().points;
    for (const Point& point : std::views::reverse(points)) {
        if (point.value && std::abs(*point.value - point.time_seconds) < 0.5) {
            return std::clamp(end_seconds - point.time_seconds, 0.0, latency_probe_seconds);
        }
    }
    return points.empty() ? 0 : latency_probe_seconds;
}

}  // namespace milo_perf::metrics
