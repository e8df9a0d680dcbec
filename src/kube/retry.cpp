#include "kube/retry.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>

namespace milo_perf::kube {
namespace {

/// Parts of messages with which an apiserver reports what passes: failing webhooks (restarts), broken
/// connections to etcd or to a webhook, a change of etcd's leader, a quota that was not evaluated in time.
constexpr std::array<std::string_view, 12> transient_messages{"failed calling webhook",
                                                              "failed to call webhook",
                                                              "EOF",
                                                              "evaluation timed out",
                                                              "etcdserver: leader changed",
                                                              "etcdserver: request timed out",
                                                              "etcdserver: no leader",
                                                              "context deadline exceeded",
                                                              "connection refused",
                                                              "connection reset by peer",
                                                              "Timeout: request did not complete",
                                                              "rpc error: code = Unavailable"};

bool is_transient(std::string_view body) {
    return std::any_of(transient_messages.begin(), transient_messages.end(),
                       [body](std::string_view part) { return body.find(part) != std::string_view::npos; });
}

std::optional<std::time_t> parse_http_date(std::string_view text) {
    std::tm parts{};
    const std::string terminated(text);
    const char* end = ::strptime(terminated.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (end == nullptr || *end != '\0') return std::nullopt;
    return ::timegm(&parts);
}

}  // namespace

std::string_view status_category(int status) {
    static const std::array<std::string, 600> names = [] {
        std::array<std::string, 600> made;
        for (std::size_t i = 0; i < made.size(); ++i) made[i] = fmt::format("http_{}", i);
        return made;
    }();
    return status >= 0 && static_cast<std::size_t>(status) < names.size()
               ? std::string_view(names[static_cast<std::size_t>(status)])
               : "http_other";
}

Judgement judge(const http::Outcome& outcome) {
    if (!outcome.answered()) {
        const std::string_view cause = http::to_string(outcome.failure);
        switch (outcome.failure) {
            case http::Failure::cancelled:
                return {Verdict::cancelled, cause};
            case http::Failure::too_large:
                return {Verdict::final, cause};
            default:
                return {Verdict::retry, cause};
        }
    }
    const int status = outcome.status;
    if (status >= 200 && status < 300) return {Verdict::success, {}};
    if (status == 401) return {Verdict::reauthenticate, status_category(status)};
    if (status == 409) return {Verdict::conflict, status_category(status)};
    // A Project's control plane that is being set up, or set up anew.
    const bool may_initialize = status == 429 || status == 500 || status == 503;
    if (may_initialize && outcome.body.find("storage is (re)initializing") != std::string::npos)
        return {Verdict::retry, "storage_initializing"};
    if (status == 500 && outcome.body.find("webhook") != std::string::npos && is_transient(outcome.body)) {
        return {Verdict::retry, "webhook"};
    }
    // As client-go: a server that says when to come back means it, whatever its 5xx.
    const bool asks_back = status >= 500 && status < 600 &&
                           parse_retry_after(outcome.retry_after, outcome.date, WallClock::now()).has_value();
    const bool passes = asks_back || status == 429 || status == 502 || status == 503 || status == 504 ||
                        (status == 500 && is_transient(outcome.body));
    return {passes ? Verdict::retry : Verdict::final, status_category(status)};
}

std::optional<Duration> Backoff::next(std::optional<Duration> retry_after, std::minstd_rand& random) {
    if (attempts_ >= policy_.max_attempts) return std::nullopt;
    const unsigned doublings = std::min(attempts_ - 1, 30U);
    ++attempts_;
    const Duration whole = std::min(policy_.cap, policy_.base * (std::int64_t{1} << doublings));
    std::uniform_int_distribution<std::int64_t> half(whole.count() / 2, whole.count());
    const Duration pause(half(random));
    if (!retry_after) return pause;
    return std::max(pause, std::min(*retry_after, policy_.longest_retry_after));
}

std::optional<Duration> parse_retry_after(std::string_view value, std::string_view server_date,
                                          WallTime now) {
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
    if (value.empty()) return std::nullopt;
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error == std::errc{} && end == value.data() + value.size()) return std::chrono::seconds(seconds);
    const auto when = parse_http_date(value);
    if (!when) return std::nullopt;
    const auto reference = parse_http_date(server_date).value_or(WallClock::to_time_t(now));
    // Dates centuries apart do not fit into nanoseconds; a day is longer than anybody waits.
    constexpr std::time_t longest_seconds = 86'400;
    const std::time_t apart = *when - reference;
    return std::chrono::seconds(std::clamp<std::time_t>(apart, 0, longest_seconds));
}

std::optional<double> clock_offset_seconds(std::string_view server_date, WallTime now) {
    const auto told = parse_http_date(server_date);
    if (!told) return std::nullopt;
    // A Date is cut to its second.
    return static_cast<double>(*told) + 0.5 - std::chrono::duration<double>(now.time_since_epoch()).count();
}

}  // namespace milo_perf::kube
