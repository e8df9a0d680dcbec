#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace milo_perf::fake_milo {

using Milliseconds = std::chrono::milliseconds;

/// How long something takes: always the same, even between two bounds, or one of a list in turn.
class Latency {
  public:
    Latency() = default;
    static Latency fixed(Milliseconds value) { return {value, value, {}}; }
    static Latency uniform(Milliseconds from, Milliseconds to) { return {from, to, {}}; }
    static Latency listed(std::vector<Milliseconds> values) { return {{}, {}, std::move(values)}; }

    Milliseconds next(std::mt19937& random);
    bool zero() const { return values_.empty() && to_ == Milliseconds::zero(); }

  private:
    Latency(Milliseconds from, Milliseconds to, std::vector<Milliseconds> values)
        : from_(from), to_(to), values_(std::move(values)) {}

    Milliseconds from_{};
    Milliseconds to_{};
    std::vector<Milliseconds> values_;
    std::size_t turn_ = 0;
};

/// Which requests a rule is about. Requests are counted per rule: those that fit everything but `nth`,
/// `every`, `probability` and `count`.
struct Match {
    /// HTTP method, or Kubernetes' verb ("create", "list", "watch", …); empty: any.
    std::string method{};
    /// Substring of path and query; empty: any.
    std::string path{};
    /// Only in this phase (Server::set_phase); empty: any.
    std::string phase{};
    /// Only the nth fitting request, from 1; 0: all.
    std::uint64_t nth = 0;
    /// Each nth fitting request; 0: all.
    std::uint64_t every = 0;
    double probability = 1;
    /// At most so many times.
    std::uint64_t count = std::numeric_limits<std::uint64_t>::max();
};

/// What is done to a request instead of serving it well.
enum class Effect {
    /// Served well, after `delay`.
    none,
    /// Answered with `status`, `headers` and `body` (empty: a Status of that code), not executed.
    status,
    /// As status, with the request's Authorization and the beginning of its body in the message.
    echo,
    /// RST with the head read and the body not.
    reset_before_body,
    /// RST with the request read and not executed.
    reset_before_store,
    /// RST after the request was executed, before any byte of the answer.
    reset_after_store,
    /// Executed; RST after half of the answer's bytes.
    reset_in_answer,
    /// Executed; orderly close after half of the answer's bytes.
    truncated_answer,
    /// Executed and answered, then closed without a word (no "Connection: close").
    close_after_answer,
    /// Read and never answered; the connection stays open.
    stall,
    /// Executed and never answered.
    stall_after_store,
    /// Half of the answer, then nothing more.
    stall_in_answer,
    /// The rest answer after execution, each with a head or a body that is not as it should be:
    malformed_json,
    wrong_content_type,
    no_content_length,
    gzip_body,
    /// A header field of `size_bytes`.
    huge_header,
    /// A body of `size_bytes`, streamed, with Content-Length.
    huge_body,
    /// As huge_body in chunks, without a length.
    endless_body,
    /// Bytes that are no HTTP.
    not_http,
    /// One byte each `interval`.
    slow_writer,
    /// The request's body is read in bits of 1 KiB each `interval`.
    slow_reader,
};

/// What is done to a watch's stream of events; they can be combined.
struct WatchFault {
    /// Ends the stream after this time; zero: no.
    Milliseconds close_after{};
    /// With close_after: in the middle of an event, without the last chunk.
    bool half_line = false;
    /// Ends it after so many events; 0: no.
    std::uint64_t close_after_events = 0;
    /// An ERROR event of code 410 instead of the first event.
    bool gone_event = false;
    bool bookmarks_only = false;
    /// Each byte in a chunk and a write of its own.
    bool split = false;
    /// Each event twice.
    bool duplicate = false;
    /// Events of one batch in reverse order.
    bool reorder = false;
    /// Nothing at all; the connection stays open.
    bool silence = false;
    /// A line that is no JSON before the first event.
    bool malformed_line = false;

    bool any() const;
};

/// One rule: to these requests, do that.
struct Fault {
    Match match{};
    Effect effect = Effect::none;
    /// Waited before the request is executed, or with `delay_after_store` before it is answered.
    Latency delay{};
    bool delay_after_store = false;
    int status = 500;
    std::string body{};
    std::vector<std::pair<std::string, std::string>> headers{};
    std::uint64_t size_bytes = 1024 * 1024;
    Milliseconds interval{1};
    WatchFault watch{};
};

/// A status refusal in one expression, e.g. `refuse({.method = "create"}, 429, {{"Retry-After", "1"}})`.
Fault refuse(Match match, int status, std::vector<std::pair<std::string, std::string>> headers = {},
             std::string body = {});

/// What is done to a connection before its first request. Connections are counted from 1.
struct ConnectionFault {
    enum class Kind {
        /// RST at once.
        reset,
        /// Orderly close at once.
        close,
        /// Accepted, and then nothing.
        stall,
        /// Bytes that are no TLS.
        garbage,
    };
    Kind kind = Kind::reset;
    std::uint64_t nth = 0;
    std::uint64_t every = 0;
    double probability = 1;
    std::uint64_t count = std::numeric_limits<std::uint64_t>::max();
};

/// Reads a rule as the program's --fault takes it: `key=value` pairs with commas between, e.g.
/// `effect=status,status=429,retry-after=1,method=create,path=secrets,probability=0.01`; `body=` takes the
/// rest. Throws std::invalid_argument naming what it does not know.
Fault parse_fault(std::string_view text);

/// The rules in force. Thread-safe.
class FaultPlan {
  public:
    explicit FaultPlan(std::uint32_t seed) : random_(seed) {}

    /// Gives the rule's number, for `fired`.
    std::size_t add(Fault fault);
    std::size_t add(ConnectionFault fault);
    void clear();
    void set_phase(std::string phase);
    /// How often the rule has been applied.
    std::uint64_t fired(std::size_t rule) const;

    /// What is to be done to this request: the first rule with an effect, plus the delays of all that fit
    /// and have none.
    struct Decision {
        Fault fault;
        Milliseconds delay{};
    };
    Decision decide(std::string_view method, std::string_view verb, std::string_view target);
    std::optional<ConnectionFault::Kind> on_connection();

  private:
    struct Counter {
        std::uint64_t seen = 0;
        std::uint64_t fired = 0;
    };
    struct Rule {
        Fault fault;
        Counter counter;
        bool active = true;
    };
    struct ConnectionRule {
        ConnectionFault fault;
        Counter counter;
        bool active = true;
    };

    bool fits(const Match& match, std::string_view method, std::string_view verb, std::string_view target);
    bool due(Counter& counter, std::uint64_t nth, std::uint64_t every, double probability,
             std::uint64_t count);

    mutable std::mutex mutex_;
    std::mt19937 random_;
    std::string phase_;
    std::vector<Rule> rules_;
    std::vector<ConnectionRule> connection_rules_;
};

}  // namespace milo_perf::fake_milo
