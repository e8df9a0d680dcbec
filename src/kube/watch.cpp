#include "kube/watch.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "base/wait.hpp"
#include "http/redact.hpp"
#include "kube/scopes.hpp"

namespace milo_perf::kube {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

/// One watch request's stream: bytes to lines to events to handlers.
class EventStream {
  public:
    EventStream(WatchState& state, const WatchHandlers& handlers, std::size_t max_line_bytes)
        : state_(state), handlers_(handlers), splitter_(max_line_bytes) {}

    /// False ends the request.
    bool take(std::string_view bytes) {
        lines_.clear();
        if (!splitter_.feed(bytes, lines_)) {
            problem_ = "an event longer than the limit";
            return false;
        }
        for (const std::string& line : lines_) {
            if (!on_line(line)) return false;
        }
        return true;
    }

    /// Events that said something; a request without any counts as fruitless.
    std::size_t events() const { return events_; }
    /// Why it was ended from here; empty when it was not.
    const std::string& problem() const { return problem_; }

  private:
    bool on_line(std::string_view line) {
        json::object object;
        const WatchEvent event = state_.on_line(line, object);
        switch (event.kind) {
            case WatchEvent::Kind::added:
            case WatchEvent::Kind::modified:
                handlers_.on_object(object);
                break;
            case WatchEvent::Kind::deleted:
                handlers_.on_deleted(object);
                break;
            case WatchEvent::Kind::bookmark:
                break;
            case WatchEvent::Kind::gone:
            case WatchEvent::Kind::error:
            case WatchEvent::Kind::malformed:
                problem_ = event.message.empty() ? "an error event" : event.message;
                return false;
        }
        ++events_;
        return true;
    }

    WatchState& state_;
    const WatchHandlers& handlers_;
    LineSplitter splitter_;
    std::vector<std::string> lines_;
    std::size_t events_ = 0;
    std::string problem_;
};

asio::awaitable<void> list_anew(Client& client, const WatchOptions& options, const WatchHandlers& handlers,
                                WatchState& state) {
    for (;;) {
        std::string version;
        ListOptions list{.label_selector = options.label_selector};
        const Reply reply = co_await client.list(options.path, std::move(list), options.list_series,
                                                 handlers.on_object, &version);
        if (reply.ok()) {
            state.listed(version);
            handlers.on_listed();
            co_return;
        }
        if (reply.judgement.verdict == Verdict::cancelled) throw_cancelled();
        if (reply.judgement.verdict != Verdict::retry) {
            throw UserError(fmt::format("Listing {} failed: {}; check the kubeconfig's rights.", options.path,
                                        reply.message),
                            ExitCode::failed);
        }
        handlers.on_notice(fmt::format("listing failed and is tried again: {}", reply.message));
        co_await sleep_until(Clock::now() + client.retries().cap);
    }
}

std::string watch_path(const WatchOptions& options, const WatchState& state) {
    std::string path =
        fmt::format("{}?watch=true&allowWatchBookmarks=true&resourceVersion={}&timeoutSeconds={}",
                    options.path, percent_encoded(state.resource_version()),
                    std::chrono::duration_cast<std::chrono::seconds>(options.request_length).count());
    if (!options.label_selector.empty()) path += "&labelSelector=" + percent_encoded(options.label_selector);
    return path;
}

}  // namespace

asio::awaitable<void> follow(Client& client, WatchOptions options, WatchHandlers handlers) {
    WatchState state;
    RetryPolicy forever = client.retries();
    forever.max_attempts = ~0U;
    Backoff backoff(forever);
    for (;;) {
        if (state.needs_list()) co_await list_anew(client, options, handlers, state);
        EventStream events(state, handlers, options.max_line_bytes);
        std::string path = watch_path(options, state);
        http::BodySink sink = [&events](std::string_view bytes) { return events.take(bytes); };
        const http::Outcome outcome =
            co_await client.watch(std::move(path), options.silence, std::move(sink), options.watch_series);
        if (events.events() > 0) backoff = Backoff(forever);
        const Judgement judgement = judge(outcome);
        if (judgement.verdict == Verdict::cancelled) throw_cancelled();
        std::string why = http::without_credentials(events.problem(), client.authorization());
        if (why.empty() && !outcome.ok()) why = outcome.detail;
        if (outcome.answered() && outcome.status == 410) {
            state.on_gone();
        } else if (judgement.verdict == Verdict::final && outcome.answered()) {
            throw UserError(
                fmt::format("Watching {} failed: {}; check the kubeconfig's rights.", options.path, why),
                ExitCode::failed);
        }
        if (!why.empty()) {
            handlers.on_notice(fmt::format("the watch ended early and continues{}: {}",
                                           state.needs_list() ? " with a new list" : "", why));
        }
        // One that lasted is continued at once; one that ended early would otherwise become a busy loop.
        const bool lasted = outcome.attempt.finished - outcome.attempt.started >= std::chrono::seconds(1);
        if (lasted && (events.events() > 0 || why.empty())) continue;
        const auto retry_after = parse_retry_after(outcome.retry_after, outcome.date, WallClock::now());
        const auto pause = backoff.next(retry_after, client.random());
        co_await sleep_until(Clock::now() + pause.value_or(forever.cap));
    }
}

}  // namespace milo_perf::kube
