#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace milo_perf::metrics {

using Labels = std::map<std::string, std::string>;

/// One value of a series. NaN and infinities, which PromQL has for "none", are empty.
struct Point {
    double time_seconds = 0;
    std::optional<double> value;
};

/// One series of an answer: a single point for an instant query, several for a range query.
struct Series {
    Labels labels;
    std::vector<Point> points;
};

/// What became of a query.
enum class QueryStatus {
    /// Answered; `series` may still be empty.
    ok,
    /// The server refused this query (4xx): asking again does not help.
    refused,
    /// No answer, or one that a later try may better (5xx, 429, time-out, no JSON).
    unavailable,
};

struct QueryResult {
    QueryStatus status = QueryStatus::unavailable;
    std::vector<Series> series;
    /// One clause why there is no answer; empty when there is one. No secrets.
    std::string reason;

    bool ok() const { return status == QueryStatus::ok; }
};

/// Reads the JSON answer of `/api/v1/query` and `/api/v1/query_range` (result types vector, matrix, scalar).
/// Whatever the server sent, this returns. Series beyond `max_series` are left out.
QueryResult parse_query_response(int http_status, std::string_view body, std::size_t max_series);

/// The sum over all series of an instant answer; empty when no series has a value.
std::optional<double> sum_of(const QueryResult& result);

/// Labels as PromQL writes them, `__name__` left out: `pod="etcd-0",verb="POST"`.
std::string labels_text(const Labels& labels);

}  // namespace milo_perf::metrics
