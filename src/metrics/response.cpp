#include "metrics/response.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>

#include "base/error.hpp"
#include "metrics/queries.hpp"

namespace milo_perf::metrics {
namespace json = boost::json;

namespace {

constexpr std::size_t longest_reason = 300;

std::string shortened(std::string_view text) {
    std::string line = one_line(std::string(text.substr(0, longest_reason)));
    if (text.size() > longest_reason) line += "…";
    return line;
}

std::string_view view(const json::string& text) {
    return {text.data(), text.size()};
}

const json::value* member(const json::value& value, std::string_view name) {
    return value.is_object() ? value.get_object().if_contains(name) : nullptr;
}

std::optional<double> number_of(const json::value& value) {
    if (value.is_double()) return value.get_double();
    if (value.is_int64()) return static_cast<double>(value.get_int64());
    if (value.is_uint64()) return static_cast<double>(value.get_uint64());
    if (!value.is_string()) return std::nullopt;
    const std::string_view text = view(value.get_string());
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// `[1700000000.123, "0.5"]`; empty when it is no such pair.
std::optional<Point> point_of(const json::value& pair) {
    if (!pair.is_array() || pair.get_array().size() != 2) return std::nullopt;
    const std::optional<double> time = number_of(pair.get_array()[0]);
    if (!time || !std::isfinite(*time)) return std::nullopt;
    std::optional<double> value = number_of(pair.get_array()[1]);
    if (value && !std::isfinite(*value)) value.reset();
    return Point{*time, value};
}

Labels labels_of(const json::value* metric) {
    Labels labels;
    if (metric == nullptr || !metric->is_object()) return labels;
    for (const auto& [name, value] : metric->get_object()) {
        if (value.is_string()) labels.emplace(name, view(value.get_string()));
    }
    return labels;
}

Series series_of(const json::value& element) {
    Series series;
    series.labels = labels_of(member(element, "metric"));
    if (const json::value* value = member(element, "value")) {
        if (const auto point = point_of(*value)) series.points.push_back(*point);
    }
    if (const json::value* values = member(element, "values"); values != nullptr && values->is_array()) {
        series.points.reserve(values->get_array().size());
        for (const json::value& pair : values->get_array()) {
            if (const auto point = point_of(pair)) series.points.push_back(*point);
        }
    }
    return series;
}

QueryResult failed(QueryStatus status, std::string reason) {
    QueryResult result;
    result.status = status;
    result.reason = std::move(reason);
    return result;
}

/// A 4xx says that this query is wrong, but for those that speak of time-outs and of too much traffic.
QueryStatus status_of(int http_status) {
    const bool passing = http_status == 408 || http_status == 425 || http_status == 429;
    return http_status >= 400 && http_status < 500 && !passing ? QueryStatus::refused
                                                               : QueryStatus::unavailable;
}

}  // namespace

QueryResult parse_query_response(int http_status, std::string_view body, std::size_t max_series) {
    boost::system::error_code error;
    const json::value answer = json::parse(body, error);
    const json::value* message = error ? nullptr : member(answer, "error");
    if (http_status < 200 || http_status >= 300) {
        const std::string_view said =
            message != nullptr && message->is_string() ? view(message->get_string()) : body;
        if (said.empty()) return failed(status_of(http_status), fmt::format("status {}", http_status));
        return failed(status_of(http_status), fmt::format("status {}: {}", http_status, shortened(said)));
    }
    if (error) return failed(QueryStatus::unavailable, "the answer is no JSON");
    if (message != nullptr && message->is_string()) {
        const std::string said = shortened(view(message->get_string()));
        return failed(QueryStatus::refused, said.empty() ? "an error without a message" : said);
    }
    const json::value* data = member(answer, "data");
    const json::value* result = data == nullptr ? nullptr : member(*data, "result");
    if (result == nullptr || !result->is_array()) {
        return failed(QueryStatus::unavailable, "the answer is not a query result");
    }
    const json::value* type = member(*data, "resultType");
    QueryResult parsed;
    parsed.status = QueryStatus::ok;
    if (type != nullptr && type->is_string() && view(type->get_string()) == "scalar") {
        if (const auto point = point_of(*result)) parsed.series.push_back({.labels = {}, .points = {*point}});
        return parsed;
    }
    for (const json::value& element : result->get_array()) {
        if (parsed.series.size() == max_series) break;
        Series series = series_of(element);
        if (!series.points.empty()) parsed.series.push_back(std::move(series));
    }
    return parsed;
}

std::optional<double> sum_of(const QueryResult& result) {
    std::optional<double> sum;
    for (const Series& series : result.series) {
        if (series.points.empty() || !series.points.back().value) continue;
        sum = sum.value_or(0) + *series.points.back().value;
    }
    return sum;
}

std::string labels_text(const Labels& labels) {
    std::string text;
    for (const auto& [name, value] : labels) {
        if (name == "__name__") continue;
        if (!text.empty()) text += ',';
        text.append(name).append("=").append(promql_string(value));
    }
    return text;
}

}  // namespace milo_perf::metrics
