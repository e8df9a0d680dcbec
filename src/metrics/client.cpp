#include "metrics/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <cmath>

#include "base/error.hpp"
#include "base/wait.hpp"
#include "http/redact.hpp"
#include "kube/client.hpp"
#include "kube/credentials_file.hpp"
#include "kube/proxy.hpp"
#include "kube/scopes.hpp"
#include "kube/server_url.hpp"
#include "kube/text_file.hpp"
#include "kube/tls_material.hpp"
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
    if (outcome.answered()) return outcome.status >= 500 && outcome.status != 501;
    return outcome.failure == http::Failure::reset || outcome.failure == http::Failure::closed;
}

/// As Prometheus' own clients, and a proxy's rules that allow to read and not to write.
bool refuses_post(const http::Outcome& outcome) {
    return outcome.answered() && (outcome.status == 405 || outcome.status == 501 || outcome.status == 403);
}

std::string read_ca(const std::filesystem::path& path) {
    kube::TextFile file = kube::read_text_file(path, max_body_bytes);
    std::optional<std::string> problem;
    if (!file.problem.empty())
        problem = file.problem;
    else
        problem = kube::ca_problem(file.text);
    if (problem)
        throw UserError(fmt::format(
            "VM_CA_FILE {} cannot be used ({}): name a file with the server's CA certificates as PEM.",
            path.string(), *problem));
    return std::move(file.text);
}

bool has_authorization(std::string_view header_fields) {
    constexpr std::string_view name = "authorization:";
    while (!header_fields.empty()) {
        const std::string_view line = header_fields.substr(0, header_fields.find("\r\n"));
        const bool same = line.size() >= name.size() &&
                          std::equal(name.begin(), name.end(), line.begin(), [](char wanted, char given) {
                              return wanted == (given >= 'A' && given <= 'Z' ? given - 'A' + 'a' : given);
                          });
        if (same) return true;
        header_fields.remove_prefix(std::min(header_fields.size(), line.size() + 2));
    }
    return false;
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

VictoriaMetrics::Target VictoriaMetrics::target_of(const ServerOptions& options) {
    const auto refuse = [](std::string_view problem) {
        throw UserError(fmt::format(
            "VM_BASE_URL cannot be used: {}; give one such as http://victoria-metrics:8428.", problem));
    };
    kube::ParsedServerUrl parsed = kube::parse_server_url(options.base_url);
    if (!parsed.url) refuse(parsed.problem);
    kube::ServerUrl& url = *parsed.url;
    if (url.has_query_or_fragment) refuse("it has a query or a fragment");
    Target target;
    http::Endpoint& endpoint = target.endpoint;
    endpoint.host = url.host;
    endpoint.port = url.port;
    endpoint.tls = url.tls;
    endpoint.path_prefix = url.path;
    endpoint.header_fields = options.header_fields;
    if (!url.tls && !options.ca_file.empty())
        throw UserError(
            "VM_CA_FILE is given, and VM_BASE_URL is no https URL: use https, or leave VM_CA_FILE out.");
    if (!options.ca_file.empty()) endpoint.tls_options.ca_pem = read_ca(options.ca_file);
    endpoint.proxy = kube::proxy_from_environment(options.environment, url.host, url.port, url.tls);
    const bool own_header = has_authorization(options.header_fields);
    if (int{url.has_user} + int{!options.bearer_token_file.empty()} + int{own_header} > 1)
        throw UserError(
            "VictoriaMetrics takes one way of authentication: give a user in VM_BASE_URL, or "
            "VM_BEARER_TOKEN_FILE, or an Authorization header in VM_HEADERS.");
    if (!options.bearer_token_file.empty()) {
        target.credentials =
            kube::make_bearer_file_credentials(options.bearer_token_file, "VM_BEARER_TOKEN_FILE");
    } else {
        target.credentials = kube::make_static_credentials(
            url.has_user ? kube::basic_authorization(url.user, url.password) : std::string(), {});
    }
    return target;
}

VictoriaMetrics::VictoriaMetrics(asio::any_io_executor executor, const std::string& base_url,
                                 Duration timeout)
    : VictoriaMetrics(std::move(executor), ServerOptions{.base_url = base_url, .timeout = timeout}) {}

VictoriaMetrics::VictoriaMetrics(asio::any_io_executor executor, const ServerOptions& options)
    : VictoriaMetrics(std::move(executor), target_of(options), options.timeout) {}

VictoriaMetrics::VictoriaMetrics(asio::any_io_executor executor, Target target, Duration timeout)
    : credentials_(std::move(target.credentials)),
      name_(http::base_url(target.endpoint)),
      http_(std::move(executor), std::move(target.endpoint), limits_for(timeout)) {}

asio::awaitable<void> VictoriaMetrics::attempt(http::Request request, http::Outcome& outcome) {
    if (credentials_->refresh_due(Clock::now())) co_await credentials_->refresh();
    std::shared_ptr<const std::string> used = credentials_->shared_authorization();
    request.authorization = *used;
    co_await http_.send(request, outcome);
    if (outcome.answered() && outcome.status == 401) {
        credentials_->invalidate(*used, credentials_->client_certificate_generation());
        if (credentials_->refresh_due(Clock::now())) co_await credentials_->refresh();
        if (credentials_->authorization() != *used) {
            used = credentials_->shared_authorization();
            request.authorization = *used;
            outcome = {};
            co_await http_.send(request, outcome);
        }
    }
    if (outcome.ok()) co_return;
    outcome.body = http::without_credentials(std::move(outcome.body), *used);
    outcome.body = http::without_header_values(std::move(outcome.body), http_.endpoint().header_fields);
}

asio::awaitable<http::Outcome> VictoriaMetrics::send(http::Request request) {
    http::Outcome outcome;
    co_await attempt(request, outcome);
    if (worth_a_second_try(outcome)) {
        co_await sleep_until(Clock::now() + retry_pause);
        outcome = {};
        co_await attempt(request, outcome);
    }
    const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) {
        throw_cancelled();
    }
    co_return outcome;
}

asio::awaitable<http::Outcome> VictoriaMetrics::post_or_get(const Form& form) {
    http::Request post;
    post.method = "POST";
    post.target = form.path;
    post.content_type = form_type;
    post.body = form.fields;
    const std::string target = fmt::format("{}?{}", form.path, form.fields);
    http::Request get;
    get.method = "GET";
    get.target = target;
    http::Outcome outcome;
    if (!takes_get_only_) {
        outcome = co_await send(post);
        if (!refuses_post(outcome)) co_return outcome;
    }
    http::Outcome got = co_await send(get);
    // What refuses both means it, and says it about the POST.
    if (!takes_get_only_ && !got.ok() && refuses_post(got)) co_return outcome;
    takes_get_only_ = takes_get_only_ || got.ok();
    co_return got;
}

asio::awaitable<QueryResult> VictoriaMetrics::ask(Form form) {
    const http::Outcome outcome = co_await post_or_get(form);
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
    result.answered = now.ok();
    if (!server_now) {
        result.reason = now.ok() ? "it does not report its time" : now.reason;
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
