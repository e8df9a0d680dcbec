#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <charconv>
#include <chrono>

#include "fake_milo/session.hpp"

namespace milo_perf::fake_milo {
namespace asio = boost::asio;
using Time = std::chrono::steady_clock::time_point;

namespace {

std::string line_of(std::string_view type, std::string_view object) {
    return fmt::format("{{\"type\":\"{}\",\"object\":{}}}\n", type, object);
}

std::string gone_line() {
    const Response gone = status_response(410, "too old resource version");
    return line_of("ERROR", std::string_view(gone.body).substr(0, gone.body.size() - 1));
}

/// The events of one watch from a version on, as lines.
class Feed {
  public:
    Feed(Api::Selection selection, std::uint64_t from) : selection_(std::move(selection)), version_(from) {}

    /// Everything that is there, as ADDED: a watch without a version begins so.
    std::vector<std::string> initial(std::uint64_t now) {
        std::vector<std::string> lines;
        for (const auto& [key, object] : selection_.collection->objects) {
            if (fits(key.substr(0, key.find('/')), object.labels))
                lines.push_back(line_of("ADDED", *object.json));
        }
        version_ = now;
        return lines;
    }

    std::vector<std::string> fresh() {
        std::vector<std::string> lines;
        const auto& events = selection_.collection->events;
        const auto first = std::upper_bound(
            events.begin(), events.end(), version_,
            [](std::uint64_t version, const Event& event) { return version < event.version; });
        for (auto at = first; at != events.end(); ++at) {
            version_ = at->version;
            const std::string_view type = type_of(*at);
            if (!type.empty()) lines.push_back(line_of(type, *at->json));
        }
        return lines;
    }

    /// A bookmark tells the version up to which everything has been sent; the store's, when nothing waits.
    std::string bookmark(std::uint64_t now) {
        version_ = std::max(version_, now);
        const Kind& kind = *selection_.collection->kind;
        return line_of(
            "BOOKMARK",
            fmt::format(R"({{"kind":"{}","apiVersion":"{}","metadata":{{"resourceVersion":"{}"}}}})",
                        kind.kind, kind.api_version, version_));
    }

  private:
    bool fits(std::string_view space, const Labels& labels) const {
        return (selection_.namespace_.empty() || selection_.namespace_ == space) &&
               selection_.selector.matches(labels);
    }
    /// An object that comes into the selection is added, one that leaves it is deleted. Empty: neither.
    std::string_view type_of(const Event& event) const {
        const bool now = fits(event.namespace_, event.labels);
        if (event.type == Event::Type::deleted) return now ? "DELETED" : "";
        if (event.type == Event::Type::added) return now ? "ADDED" : "";
        const bool before = fits(event.namespace_, event.old_labels);
        if (now) return before ? "MODIFIED" : "ADDED";
        return before ? "DELETED" : "";
    }

    Api::Selection selection_;
    std::uint64_t version_;
};

/// Writes lines as the fault wants them.
class Writer {
  public:
    Writer(Wire& wire, Site& site, WatchFault fault) : wire_(wire), site_(site), fault_(fault) {}

    asio::awaitable<bool> lines(std::vector<std::string> lines) {
        if (fault_.bookmarks_only) co_return true;
        if (fault_.reorder) std::reverse(lines.begin(), lines.end());
        for (const std::string& text : lines) {
            for (int i = 0; i < (fault_.duplicate ? 2 : 1); ++i) {
                const bool good = co_await line(text);
                if (!good) co_return false;
            }
            ++site_.stats.watch_events_sent;
            ++sent_;
            if (fault_.close_after_events > 0 && sent_ >= fault_.close_after_events) {
                ended_ = true;
                co_return true;
            }
        }
        co_return true;
    }

    asio::awaitable<bool> line(const std::string& text) {
        if (!fault_.split) {
            const std::string chunk = chunk_of(text);
            const bool good = co_await wire_.write(chunk);
            co_return good;
        }
        for (std::size_t i = 0; i < text.size(); ++i) {
            const std::string chunk = chunk_of(std::string_view(text).substr(i, 1));
            const bool good = co_await wire_.write(chunk);
            if (!good) co_return false;
        }
        co_return true;
    }

    bool ended() const { return ended_; }

  private:
    Wire& wire_;
    Site& site_;
    WatchFault fault_;
    std::uint64_t sent_ = 0;
    bool ended_ = false;
};

/// Wakes the watch on changes, and counts it, while it lives.
class Registration {
  public:
    Registration(Site& site, Collection& collection, asio::steady_timer& timer)
        : site_(site), collection_(collection) {
        id_ = site.store->add_watcher(collection, [this, &timer] {
            changed_ = true;
            timer.cancel();
        });
        ++site_.stats.watches_open;
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    ~Registration() {
        collection_.watchers.erase(id_);
        --site_.stats.watches_open;
    }
    bool take_change() { return std::exchange(changed_, false); }

  private:
    Site& site_;
    Collection& collection_;
    std::uint64_t id_ = 0;
    bool changed_ = false;
};

/// When a watch has to do something of itself.
struct Clocks {
    Time close = Time::max();
    Time bookmark = Time::max();
    Time end = Time::max();

    Time next() const { return std::min({close, bookmark, end}); }
};

Clocks clocks_of(const Site& site, const Target& target, const WatchFault& fault) {
    const Time now = std::chrono::steady_clock::now();
    Clocks clocks;
    if (fault.close_after.count() > 0) clocks.close = now + fault.close_after;
    if (target.parameter("allowWatchBookmarks") == "true") clocks.bookmark = now + site.bookmark_period;
    const std::string timeout = target.parameter("timeoutSeconds");
    const long seconds = timeout.empty() ? 1800 : std::strtol(timeout.c_str(), nullptr, 10);
    clocks.end = now + std::chrono::seconds(std::max(1L, seconds));
    return clocks;
}

/// Sends events until the watch ends of itself (true) or the peer is gone (false).
asio::awaitable<bool> run(Site& site, const Target& target, WatchFault fault, Feed& feed, Writer& writer,
                          Registration& registration, asio::steady_timer& timer, bool from_start) {
    Clocks clocks = clocks_of(site, target, fault);
    std::vector<std::string> lines;
    if (from_start) lines = feed.initial(site.store->version());
    for (;;) {
        co_await while_paused(site);
        registration.take_change();
        for (std::string& line : feed.fresh()) lines.push_back(std::move(line));
        const bool good = co_await writer.lines(std::move(lines));
        lines.clear();
        if (!good || writer.ended()) co_return good;
        if (registration.take_change()) continue;
        const Time now = std::chrono::steady_clock::now();
        if (now >= clocks.close || now >= clocks.end) co_return true;
        if (now >= clocks.bookmark) {
            const std::string bookmark = feed.bookmark(site.store->version());
            const bool sent = co_await writer.line(bookmark);
            if (!sent) co_return false;
            clocks.bookmark = now + site.bookmark_period;
            continue;
        }
        timer.expires_at(clocks.next());
        co_await timer.async_wait(asio::as_tuple(asio::deferred));
    }
}

}  // namespace

asio::awaitable<bool> serve_watch(Wire& wire, Site& site, const Target& target, WatchFault fault) {
    Api::Selection selection = site.api->select(target);
    if (selection.refusal.status != 0) {
        const bool open = co_await answer(wire, selection.refusal, Fault{}, false);
        co_return open;
    }
    const std::string version = target.parameter("resourceVersion");
    const std::uint64_t from = std::strtoull(version.c_str(), nullptr, 10);
    const bool too_old = from > 0 && from < selection.collection->compacted;
    ++site.stats.statuses[200];
    Response head;
    const std::string head_bytes = head_of(head, Framing::chunked, 0, false);
    bool good = co_await wire.write(head_bytes);
    Writer writer(wire, site, fault);
    const std::string gone = gone_line();
    const std::string nonsense = "{\"type\":\"ADDED\",\"obj\n";
    if (good && fault.silence) {
        co_await wire.drain();
        co_return false;
    }
    if (good && fault.malformed_line) {
        good = co_await writer.line(nonsense);
    } else if (good && (fault.gone_event || too_old)) {
        good = co_await writer.line(gone);
    } else if (good) {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor);
        Registration registration(site, *selection.collection, timer);
        Feed feed(std::move(selection), from);
        good = co_await run(site, target, fault, feed, writer, registration, timer, from == 0);
    }
    if (good && fault.half_line) {
        const std::string half = chunk_of("{\"type\":\"MODIFIED\",\"object\":{\"kind\":\"Proj");
        co_await wire.write(half);
        co_return false;
    }
    if (good) good = co_await wire.write(last_chunk);
    co_return good;
}

}  // namespace milo_perf::fake_milo
