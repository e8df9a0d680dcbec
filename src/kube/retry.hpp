#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "http/client.hpp"

namespace milo_perf::kube {

/// What to do about the outcome of one attempt.
enum class Verdict {
    success,
    /// May go better another time: 429, 500 with a transient cause, 502, 503, 504, every 5xx with
    /// Retry-After, network failures.
    retry,
    /// 401: worth another try with credentials read anew.
    reauthenticate,
    /// 409 on a create: there already, maybe by this run; or admission was asked for too much at once.
    conflict,
    /// Everything else: the server means it.
    final,
    cancelled
};

struct Judgement {
    Verdict verdict = Verdict::final;
    /// Category for counting: "http_429", "webhook", "reset", … Static storage; empty on success.
    std::string_view cause;
};

/// Judges one attempt by Kubernetes' conventions: which refusals are transient. A 500 is transient when its
/// message names a failing webhook, an EOF, a timeout or a leader change. "storage is (re)initializing" is
/// transient with every status, and counted as `storage_initializing`.
Judgement judge(const http::Outcome& outcome);

/// "http_500" and the like, static storage.
std::string_view status_category(int status);

/// How often and how long to try. Sleeps are `base * 2^n`, at most `cap`, of which a random half is taken off
/// ("equal jitter"), and never less than the server's Retry-After.
struct RetryPolicy {
    unsigned max_attempts = 12;
    Duration base = std::chrono::milliseconds(250);
    Duration cap = std::chrono::seconds(16);
    /// A longer Retry-After is cut to this.
    Duration longest_retry_after = std::chrono::seconds(60);
};

/// The back-off of one operation.
class Backoff {
  public:
    explicit Backoff(RetryPolicy policy) : policy_(policy) {}

    /// The pause before the next attempt; empty when there is none left.
    std::optional<Duration> next(std::optional<Duration> retry_after, std::minstd_rand& random);

  private:
    RetryPolicy policy_;
    unsigned attempts_ = 1;
};

/// Retry-After (RFC 9110, 10.2.3): seconds, or an HTTP date (5.6.7), which counts from the server's own Date
/// where there is one. Empty for anything else; never negative.
std::optional<Duration> parse_retry_after(std::string_view value, std::string_view server_date, WallTime now);

/// The server's clock minus ours in seconds, by the Date of an answer that arrives now (to the second, and
/// less than the answer's time on its way). Empty when there is no such date.
std::optional<double> clock_offset_seconds(std::string_view server_date, WallTime now);

}  // namespace milo_perf::kube
