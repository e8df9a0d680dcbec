#include "kube/client.hpp"

#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>
#include <boost/json/parse.hpp>

#include "base/error.hpp"
#include "base/wait.hpp"
#include "http/redact.hpp"
#include "http/tls_context.hpp"
#include "kube/json_path.hpp"
#include "kube/scopes.hpp"

namespace milo_perf::kube {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::size_t longest_message = 400;
/// Creates after a 409 of an object that is not there.
constexpr unsigned most_conflicts = 6;

/// The accounts of one operation. One that ends by an exception, as a cancelled coroutine does between two
/// attempts, is booked as cancelled.
class Operation {
  public:
    Operation(stats::Recorder& recorder, stats::SeriesId series, TimePoint planned)
        : recorder_(recorder),
          series_(series),
          begun_(Clock::now()),
          planned_(planned == TimePoint{} ? begun_ : planned) {
        recorder_.operation_started(series_, begun_);
    }
    Operation(const Operation&) = delete;
    Operation& operator=(const Operation&) = delete;
    ~Operation() {
        if (!ended_) end(Clock::now(), false, {Verdict::cancelled, stats::cancelled});
    }

    TimePoint begun() const { return begun_; }

    void end(TimePoint finished, bool ok, const Judgement& judgement) {
        ended_ = true;
        recorder_.operation_finished(series_, planned_, begun_, finished, ok,
                                     ok ? std::string_view{} : judgement.cause);
    }

  private:
    stats::Recorder& recorder_;
    stats::SeriesId series_;
    TimePoint begun_;
    TimePoint planned_;
    bool ended_ = false;
};

bool has_label(const std::string& body, std::pair<std::string_view, std::string_view> label) {
    boost::system::error_code error;
    const json::value object = json::parse(body, error);
    if (error) return false;
    const json::object* labels =
        object.is_object() ? object_at(object.get_object(), {"metadata", "labels"}) : nullptr;
    return labels != nullptr && text_at(*labels, {label.first}) == label.second;
}

/// What a proxy's error page is called; its markup says nothing to people.
std::string_view title_of(std::string_view page) {
    constexpr std::string_view tag = "<title>";
    const std::size_t at = page.find(tag);
    if (at == std::string_view::npos) return {};
    page.remove_prefix(at + tag.size());
    return page.substr(0, page.find('<'));
}

}  // namespace

std::string failure_message(const http::Outcome& outcome, std::string_view authorization) {
    std::string message;
    if (!outcome.answered()) {
        message = outcome.detail.empty() ? std::string(http::to_string(outcome.failure)) : outcome.detail;
    } else {
        boost::system::error_code error;
        const json::value status = json::parse(outcome.body, error);
        const json::value* text =
            !error && status.is_object() ? status.get_object().if_contains("message") : nullptr;
        if (text != nullptr && text->is_string()) {
            message = std::string(text->get_string());
        } else if (outcome.body.starts_with('<')) {
            message = title_of(outcome.body);
        } else if (!outcome.body.starts_with('{') && !outcome.body.starts_with('[')) {
            // Of an object nothing is repeated: it may be a Secret.
            message = outcome.body;
        }
        message = http::without_credentials(std::move(message), authorization);
        message = message.empty()
                      ? fmt::format("status {}", outcome.status)
                      : fmt::format("{} (status {})", message.substr(0, longest_message), outcome.status);
    }
    return one_line(std::move(message));
}

Client::Client(asio::any_io_executor executor, ClusterConfig config, http::Limits limits, RetryPolicy retries,
               stats::Recorder& recorder)
    : credentials_(std::move(config.credentials)),
      certificate_generation_(credentials_->client_certificate_generation()),
      tls_options_(config.endpoint.tls_options),
      http_(std::move(executor), std::move(config.endpoint), limits),
      retries_(retries),
      recorder_(recorder),
      random_(std::random_device{}()) {}

Client::~Client() = default;

asio::awaitable<std::string> Client::authorize() {
    if (credentials_->refresh_due(Clock::now())) {
        refresh_problem_ = co_await credentials_->refresh();
        if (!refresh_problem_.empty() && credentials_->authorization().empty() &&
            credentials_->client_certificate().empty()) {
            co_return refresh_problem_;
        }
    }
    if (credentials_->client_certificate_generation() != certificate_generation_) {
        certificate_generation_ = credentials_->client_certificate_generation();
        tls_options_.client_certificate_pem = credentials_->client_certificate().certificate_pem;
        tls_options_.client_key_pem = credentials_->client_certificate().key_pem;
        http_.set_tls(tls_options_);
    }
    co_return std::string();
}

void Client::refused_handshake(const http::Outcome& outcome, std::string_view used,
                               std::uint64_t generation) {
    if (outcome.failure != http::Failure::tls || credentials_->client_certificate().empty()) return;
    // It is the server's certificate that was refused, here.
    if (outcome.detail.find(http::unverified_server) != std::string::npos) return;
    credentials_->invalidate(used, generation);
}

RetryPolicy Client::policy_for(const Call& call) const {
    RetryPolicy policy = retries_;
    policy.max_attempts = call.max_attempts.value_or(policy.max_attempts);
    return policy;
}

void Client::take(http::Outcome&& outcome, Judgement judgement, std::string_view authorization,
                  Reply& reply) {
    reply.judgement = judgement;
    reply.status = outcome.answered() ? outcome.status : 0;
    if (judgement.verdict == Verdict::success) {
        reply.message.clear();
    } else {
        reply.message = failure_message(outcome, authorization);
    }
    reply.body = std::move(outcome.body);
    reply.finished = outcome.attempt.finished;
    ++reply.attempts;
}

asio::awaitable<void> Client::attempts(const Call& call, TimePoint begun, Reply& reply) {
    Backoff backoff(policy_for(call));
    TimePoint due = call.planned == TimePoint{} ? begun : call.planned;
    bool reauthenticated = false;
    for (unsigned attempt = 1;; ++attempt) {
        const TimePoint now = attempt == 1 ? begun : Clock::now();
        if (credentials_->refresh_due(now)) {
            reply.message = co_await authorize();
            if (!reply.message.empty()) {
                reply.judgement = {Verdict::final, "credentials"};
                reply.finished = Clock::now();
                break;
            }
        }
        // Held: another's refresh may replace it meanwhile.
        const std::shared_ptr<const std::string> used = credentials_->shared_authorization();
        const std::uint64_t generation = certificate_generation_;
        const http::Request request{
            .method = call.method,
            .target = call.path,
            .content_type = call.body.empty() ? std::string_view{} : call.content_type,
            .body = call.body,
            .authorization = *used,
            .response_body = call.response_body,
            .timeout = std::nullopt,
            .planned = due};
        http::Outcome outcome;
        co_await http_.send(request, outcome);
        const Judgement judgement = judge(outcome);
        outcome.attempt.error = judgement.cause;
        recorder_.attempt(call.series, outcome.attempt);
        const bool final =
            judgement.verdict != Verdict::retry && judgement.verdict != Verdict::reauthenticate;
        std::optional<Duration> retry_after;
        if (!final) retry_after = parse_retry_after(outcome.retry_after, outcome.date, WallClock::now());
        refused_handshake(outcome, *used, generation);
        if (!clock_offset_seconds_ && !outcome.date.empty())
            clock_offset_seconds_ = kube::clock_offset_seconds(outcome.date, WallClock::now());
        take(std::move(outcome), judgement, *used, reply);
        if (final) break;
        // A refused token is read anew at once; only when the new one is refused too does it take its time.
        std::optional<Duration> pause = backoff.next(retry_after, random_);
        if (judgement.verdict == Verdict::reauthenticate) {
            if (!refresh_problem_.empty()) reply.message += "; " + refresh_problem_;
            credentials_->invalidate(*used, generation);
            if (!reauthenticated) pause = Duration::zero();
            reauthenticated = true;
        }
        if (!pause) break;
        recorder_.retry(call.series, judgement.cause, *pause);
        due = Clock::now() + *pause;
        if (*pause > Duration::zero()) co_await sleep_until(due);
    }
}

asio::awaitable<Reply> Client::call(Call call) {
    Operation operation(recorder_, call.series, call.planned);
    Reply reply;
    co_await attempts(call, operation.begun(), reply);
    operation.end(reply.finished, reply.ok(), reply.judgement);
    co_return reply;
}

asio::awaitable<void> Client::create(const CreateCall& call, CreateReply& result) {
    Operation operation(recorder_, call.series, call.planned);
    Call post{.method = "POST",
              .path = call.collection_path,
              .body = call.body,
              .series = call.series,
              .response_body = http::Body::discard_if_ok,
              .planned = call.planned,
              .max_attempts = std::nullopt};
    co_await attempts(post, operation.begun(), result.reply);
    if (result.reply.ok()) result.creation = Creation::created;
    if (result.reply.judgement.verdict == Verdict::conflict) co_await settle_conflict(call, post, result);
    operation.end(result.reply.finished, result.creation != Creation::failed, result.reply.judgement);
}

asio::awaitable<void> Client::settle_conflict(const CreateCall& call, Call& post, CreateReply& result) {
    Backoff backoff({.max_attempts = most_conflicts, .base = retries_.base, .cap = retries_.cap});
    while (result.reply.judgement.verdict == Verdict::conflict) {
        const Reply there = co_await get_existing(call);
        result.reply.finished = there.finished;
        if (there.ok()) {
            if (has_label(there.body, call.owner_label)) result.creation = Creation::existing;
            co_return;
        }
        if (!there.not_found()) {
            // Whose object it is was not learnt.
            result.reply.judgement = there.judgement;
            result.reply.message += "; whose it is could not be seen: " + there.message;
            co_return;
        }
        // Nothing is there: the conflict was one of admission (a ResourceQuota under parallel creates), or
        // the object is gone again.
        const std::optional<Duration> pause = backoff.next(std::nullopt, random_);
        if (!pause) co_return;
        recorder_.retry(call.series, result.reply.judgement.cause, *pause);
        post.planned = Clock::now() + *pause;
        co_await sleep_until(post.planned);
        result.reply = {};
        co_await attempts(post, Clock::now(), result.reply);
        if (result.reply.ok()) result.creation = Creation::created;
    }
}

asio::awaitable<Reply> Client::get_existing(const CreateCall& create) {
    return call({.method = "GET",
                 .path = create.object_path,
                 .body = {},
                 .series = create.get_series,
                 .max_attempts = std::nullopt});
}

/// Who takes what a list gives.
struct Client::ListSink {
    std::function<void(json::object&)> take;
    std::uint64_t items = 0;
    std::string continuation{};
    std::string resource_version{};

    /// One page. False when it is no Kubernetes list.
    bool page(const std::string& body) {
        boost::system::error_code error;
        json::value parsed = json::parse(body, error);
        json::object* list = !error ? parsed.if_object() : nullptr;
        json::value* found = list != nullptr ? list->if_contains("items") : nullptr;
        if (found == nullptr || !(found->is_array() || found->is_null())) return false;
        if (found->is_array()) {
            for (json::value& item : found->get_array()) {
                if (!item.is_object()) continue;
                ++items;
                take(item.get_object());
            }
        }
        continuation = text_at(*list, {"metadata", "continue"});
        resource_version = text_at(*list, {"metadata", "resourceVersion"});
        return true;
    }
};

asio::awaitable<Reply> Client::list(std::string path, ListOptions options, stats::SeriesId series,
                                    std::function<void(json::object&)> take, std::string* resource_version) {
    Operation operation(recorder_, series, options.planned);
    ListSink sink{.take = std::move(take)};
    Reply reply;
    Call page{.method = "GET",
              .path = {},
              .body = {},
              .series = series,
              .planned = options.planned,
              .max_attempts = std::nullopt};
    co_await list_pages(path, options, page, operation.begun(), sink, reply);
    recorder_.items(series, sink.items);
    operation.end(reply.finished, reply.ok(), reply.judgement);
    if (resource_version != nullptr) *resource_version = std::move(sink.resource_version);
    co_return reply;
}

asio::awaitable<void> Client::list_pages(const std::string& path, const ListOptions& options, Call& page,
                                         TimePoint begun, ListSink& sink, Reply& reply) {
    for (;;) {
        std::string target = fmt::format("{}?limit={}", path, options.page_size);
        if (!options.label_selector.empty())
            target += "&labelSelector=" + percent_encoded(options.label_selector);
        // The server refuses a resource version beside a continuation, which has its own.
        if (!sink.continuation.empty()) {
            target += "&continue=" + percent_encoded(sink.continuation);
        } else if (!options.resource_version.empty()) {
            target += "&resourceVersion=" + percent_encoded(options.resource_version);
        }
        page.path = target;
        reply = {};
        co_await attempts(page, begun, reply);
        const bool ok = reply.ok();
        if (!ok && (reply.status != 410 || sink.continuation.empty())) co_return;
        if (!ok) {
            // The list has changed under its pages for longer than the server remembers: from the top.
            sink.continuation.clear();
            sink.items = 0;
        } else if (!sink.page(std::exchange(reply.body, {}))) {
            reply.judgement = {Verdict::final, "malformed"};
            reply.message = "the answer is no Kubernetes list";
            co_return;
        } else if (sink.continuation.empty()) {
            co_return;
        }
        begun = Clock::now();
        page.planned = begun;
    }
}

asio::awaitable<http::Outcome> Client::watch(std::string path, Duration silence, http::BodySink sink,
                                             stats::SeriesId series) {
    std::string problem = co_await authorize();
    if (!problem.empty()) {
        http::Outcome without_credentials;
        without_credentials.failure = http::Failure::closed;
        without_credentials.detail = std::move(problem);
        co_return without_credentials;
    }
    const std::shared_ptr<const std::string> used = credentials_->shared_authorization();
    const std::uint64_t generation = certificate_generation_;
    http::Outcome outcome = co_await http_.stream({.method = "GET",
                                                   .target = path,
                                                   .content_type = {},
                                                   .body = {},
                                                   .authorization = *used,
                                                   .timeout = std::nullopt},
                                                  silence, std::move(sink));
    const Judgement judgement = judge(outcome);
    if (judgement.verdict == Verdict::reauthenticate) credentials_->invalidate(*used, generation);
    refused_handshake(outcome, *used, generation);
    outcome.attempt.error = judgement.cause;
    recorder_.attempt(series, outcome.attempt);
    if (!outcome.ok()) outcome.detail = failure_message(outcome, *used);
    if (judgement.verdict == Verdict::reauthenticate && !refresh_problem_.empty())
        outcome.detail += "; " + refresh_problem_;
    co_return outcome;
}

}  // namespace milo_perf::kube
