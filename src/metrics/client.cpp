#include "metrics/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <cmath>

#include "base/base64.hpp"
#include "base/error.hpp"
#include "base/task_group.hpp"
#include "http/redact.hpp"
#include "kube/client.hpp"
#include "kube/scopes.hpp"
#include "kube/server_url.hpp"
#include "metrics/server_facts.hpp"
#include "metrics/unix_time.hpp"

namespace milo_perf::metrics {
namespace asio = boost::asio;

namespace {

constexpr std::size_t max_body_bytes = 16 * 1024 * 1024;
constexpr std::size_t max_instant_series = 10'000;
constexpr std::size_t max_range_series = 1'000;
constexpr Duration retry_pause = std::chrono::milliseconds(250);
constexpr std::string_view form_type = "application/x-www-form-urlencoded";

http::Limits limits_for(Duration timeout) {
    http::Limits limits;
    limits.max_connections = 4;
    limits.request_timeout = timeout;
    limits.connect_timeout = std::min<Duration>(timeout, limits.connect_timeout);
    limits.max_body_bytes = max_body_bytes;
    return limits;
}

bool worth_a_second_try(const http::Outcome& outcome) {
    if (outcome.answered()) return outcome.status >= 500;
    return outcome.failure == http::Failure::reset || outcome.failure == http::Failure::closed;
}

/// `nocache` and `latency_offset` (since 1.84) both ask for the newest samples too; a server that does not
/// know an argument ignores it.
std::string fields_of(const std::string& promql) {
    return fmt::format("query={}&nocache=1&latency_offset=1ms", kube::percent_encoded(promql));
}

}  // namespace

std::string failure_clause(const http::Outcome& outcome) {
    if (!outcome.answered()) {
        return outcome.detail.empty() ? std::string(http::to_string(outcome.failure)) : outcome.detail;
    }
    return parse_query_response(outcome.status, outcome.body, 0).reason;
}

VictoriaMetrics::Target VictoriaMetrics::parse(const std::string& base_url) {
    const auto refuse = [](std::string_view problem) {
        throw UserError(fmt::format(
            "VM_BASE_URL cannot be used: {}; give one such as http://victoria-metrics:8428.", problem));
    };
    kube::ParsedServerUrl parsed = kube::parse_server_url(base_url);
    if (!parsed.url) refuse(parsed.problem);
    kube::ServerUrl& url = *parsed.url;
    if (url.has_query_or_fragment) refuse("it has a query or a fragment");
    Target target;
    target.endpoint.host = url.host;
    target.endpoint.port = url.port;
    target.endpoint.tls = url.tls;
    target.endpoint.path_prefix = url.path;
    if (url.has_user) target.authorization = "Basic " + encode_base64(url.user + ":" + url.password);
    target.name = http::base_url(target.endpoint);
    return target;
}

VictoriaMetrics::VictoriaMetrics(asio::any_io_executor executor, const std::string& base_url,
                                 Duration timeout)
    : VictoriaMetrics(std::move(executor), parse(base_url), timeout) {}

VictoriaMetrics::VictoriaMetrics(asio::any_io_executor executor, Target target, Duration timeout)
    : authorization_(std::move(target.authorization)),
      name_(std::move(target.name)),
      http_(std::move(executor), std::move(target.endpoint), limits_for(timeout)) {}

asio::awaitable<http::Outcome> VictoriaMetrics::send(http::Request request) {
    request.authorization = authorization_;
    http::Outcome outcome;
    co_await http_.send(request, outcome);
    if (worth_a_second_try(outcome)) {
        co_await sleep_until(Clock::now() + retry_pause);
        outcome = {};
        co_await http_.send(request, outcome);
    }
    if (!outcome.ok()) outcome.body = http::without_credentials(std::move(outcome.body), authorization_);
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    co_return outcome;
}

asio::awaitable<QueryResult> VictoriaMetrics::ask(Form form) {
    http::Request request;
    request.method = "POST";
    request.target = form.path;
    request.content_type = form_type;
    request.body = form.fields;
    const http::Outcome outcome = co_await send(request);
    QueryResult result;
    if (outcome.answered()) {
        result = parse_query_response(outcome.status, outcome.body, form.max_series);
    } else {
        result.reason = failure_clause(outcome);
    }
    co_return result;
}

asio::awaitable<QueryResult> VictoriaMetrics::query(std::string promql, WallTime at) {
    Form form{.path = "/api/v1/query",
              .fields = fmt::format("{}&time={:.3f}", fields_of(promql), unix_seconds(at)),
              .max_series = max_instant_series};
    return ask(std::move(form));
}

asio::awaitable<QueryResult> VictoriaMetrics::query_range(std::string promql, WallTime start, WallTime end,
                                                          double step_seconds) {
    Form form{.path = "/api/v1/query_range",
              .fields = fmt::format("{}&start={:.3f}&end={:.3f}&step={:.3f}", fields_of(promql),
                                    unix_seconds(start), unix_seconds(end), step_seconds),
              .max_series = max_range_series};
    return ask(std::move(form));
}

asio::awaitable<std::string> VictoriaMetrics::import_prometheus(std::string text) {
    http::Request request;
    request.method = "POST";
    request.target = "/api/v1/import/prometheus";
    request.content_type = "text/plain; version=0.0.4";
    request.body = text;
    const http::Outcome outcome = co_await send(request);
    std::string reason;
    if (!outcome.ok()) reason = failure_clause(outcome);
    co_return reason;
}

asio::awaitable<std::optional<std::string>> VictoriaMetrics::version() {
    http::Request request;
    request.method = "GET";
    request.target = "/metrics";
    const http::Outcome metrics = co_await send(request);
    std::optional<std::string> found;
    if (metrics.ok()) found = version_in_metrics(metrics.body);
    if (found || !metrics.answered()) co_return found;
    // Another server of the Prometheus API. VictoriaMetrics itself plays an old Prometheus here.
    request.target = "/api/v1/status/buildinfo";
    const http::Outcome info = co_await send(request);
    if (info.ok()) found = version_in_buildinfo(info.body);
    co_return found;
}

asio::awaitable<ClockResult> VictoriaMetrics::clock() {
    const WallTime asked = WallClock::now();
    const TimePoint before = Clock::now();
    Form now_form{.path = "/api/v1/query", .fields = fields_of("time()"), .max_series = 1};
    const QueryResult now = co_await ask(std::move(now_form));
    const double round_trip = to_seconds(Clock::now() - before);
    const std::optional<double> server_now = sum_of(now);
    ClockResult result;
    if (!server_now) {
        result.reason = now.ok() ? "it does not tell its time" : now.reason;
        co_return result;
    }
    ServerClock& clock = result.clock.emplace();
    clock.skew_seconds = skew_of(*server_now, unix_seconds(asked) + round_trip / 2);
    const double end = std::floor(*server_now);
    Form range_form{.path = "/api/v1/query_range",
                    .fields = fmt::format("{}&start={:.0f}&end={:.0f}&step=1", fields_of("time()"),
                                          end - latency_probe_seconds, end),
                    .max_series = 1};
    const QueryResult range = co_await ask(std::move(range_form));
    clock.latency_offset_seconds = latency_offset_of(range, end);
    co_return result;
}

}  // namespace milo_perf::metrics
