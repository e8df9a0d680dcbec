#include "fake_milo/session.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

namespace milo_perf::fake_milo {
namespace asio = boost::asio;
namespace http = boost::beast::http;

namespace {

/// Reads requests off one connection; what was read too much stays for the next one.
class Reader {
  public:
    explicit Reader(Wire& wire) : wire_(wire) { next(); }

    void next() {
        parser_.emplace();
        parser_->header_limit(1024 * 1024);
        parser_->body_limit(64 * 1024 * 1024);
    }
    asio::awaitable<bool> head() {
        while (!parser_->is_header_done()) {
            const bool good = co_await step(space_.size());
            if (!good) co_return false;
        }
        co_return true;
    }
    /// In bits of 1 KiB when `interval` is not zero.
    asio::awaitable<bool> body(Milliseconds interval) {
        while (!parser_->is_done()) {
            co_await pause_for(interval);
            const bool good = co_await step(interval.count() > 0 ? 1024 : space_.size());
            if (!good) co_return false;
        }
        co_return true;
    }
    const http::request<http::string_body>& request() const { return parser_->get(); }
    bool keep_alive() const { return parser_->get().keep_alive(); }

  private:
    /// Parses what is there; reads more where that says nothing new.
    asio::awaitable<bool> step(std::size_t most) {
        if (!pending_.empty()) {
            boost::beast::error_code error;
            const std::size_t used = parser_->put(asio::buffer(pending_), error);
            pending_.erase(0, used);
            if (error && error != http::error::need_more) co_return false;
            if (used > 0) co_return true;
        }
        const std::size_t count = co_await wire_.read(space_.data(), std::min(most, space_.size()));
        pending_.append(space_.data(), count);
        co_return count > 0;
    }

    Wire& wire_;
    std::optional<http::request_parser<http::string_body>> parser_;
    std::string pending_;
    std::array<char, 16 * 1024> space_{};
};

bool admitted(const Wire& wire, const Site& site, std::string_view authorization) {
    if (site.api == nullptr || site.anonymous || wire.has_good_certificate()) return true;
    constexpr std::string_view bearer = "Bearer ";
    if (!authorization.starts_with(bearer)) return false;
    const std::string_view token = authorization.substr(bearer.size());
    return std::find(site.tokens.begin(), site.tokens.end(), token) != site.tokens.end();
}

Response faulty(const Fault& fault) {
    Response response = status_response(fault.status, "a fault of the test");
    if (!fault.body.empty()) {
        response.body = fault.body;
        if (!fault.body.starts_with('{')) response.content_type = "text/plain; charset=utf-8";
    }
    response.headers = fault.headers;
    return response;
}

/// What is known of a request once its head is there.
struct Known {
    std::string method;
    std::string target_text;
    Target target;
    std::string verb;
    FaultPlan::Decision decision;
};

Known look_at(const http::request<http::string_body>& request, Site& site) {
    Known known;
    known.method = request.method_string();
    known.target_text = request.target();
    known.target = parse_target(known.target_text);
    known.verb = verb_of(known.method, known.target);
    ++site.stats.requests;
    ++site.stats.requests_by_kind[known.verb + " " + resource_of(known.target)];
    known.decision = site.faults.decide(known.method, known.verb, known.target_text);
    return known;
}

Response execute(const Wire& wire, Site& site, const Known& known,
                 const http::request<http::string_body>& request) {
    const Fault& fault = known.decision.fault;
    if (fault.effect == Effect::status) return faulty(fault);
    const auto authorization = request[http::field::authorization];
    if (fault.effect == Effect::echo) {
        constexpr std::size_t most_bytes = 200;
        return status_response(fault.status, "you sent Authorization: " + std::string(authorization) +
                                                 " with " + request.body().substr(0, most_bytes));
    }
    if (!admitted(wire, site, {authorization.data(), authorization.size()})) {
        return status_response(401, "Unauthorized");
    }
    if (site.api == nullptr) return handle_vm(*site.vm, known.method, known.target_text, request.body());
    const auto type = request[http::field::content_type];
    return site.api->handle({.method = known.method,
                             .content_type = {type.data(), type.size()},
                             .body = request.body(),
                             .target = known.target});
}

asio::awaitable<bool> serve_known(Wire& wire, Site& site, const Known& known,
                                  const http::request<http::string_body>& request, bool close) {
    const Fault& fault = known.decision.fault;
    const auto authorization = request[http::field::authorization];
    if (known.verb == "watch" && fault.effect != Effect::status && fault.effect != Effect::echo &&
        admitted(wire, site, {authorization.data(), authorization.size()})) {
        const bool open = co_await serve_watch(wire, site, known.target, fault.watch);
        co_return open;
    }
    Response response = execute(wire, site, known, request);
    if (fault.delay_after_store) {
        std::mt19937 unused;
        Latency delay = fault.delay;
        co_await pause_for(delay.next(unused));
    }
    const int status = response.status;
    const bool open = co_await answer(wire, std::move(response), fault, close);
    const bool whole =
        open || fault.effect == Effect::close_after_answer || fault.effect == Effect::no_content_length;
    if (whole) ++site.stats.statuses[status];
    co_return open;
}

/// False when the connection is over.
asio::awaitable<bool> serve_one(Wire& wire, Site& site, Reader& reader, bool last) {
    const bool there = co_await reader.head();
    if (!there) co_return false;
    co_await while_paused(site);
    const Known known = look_at(reader.request(), site);
    const Fault& fault = known.decision.fault;
    if (fault.effect == Effect::reset_before_body) {
        wire.reset();
        co_return false;
    }
    const Milliseconds interval = fault.effect == Effect::slow_reader ? fault.interval : Milliseconds(0);
    const bool complete = co_await reader.body(interval);
    if (!complete) co_return false;
    co_await pause_for(known.decision.delay);
    co_await while_paused(site);
    if (fault.effect == Effect::reset_before_store) {
        wire.reset();
        co_return false;
    }
    if (fault.effect == Effect::stall) {
        co_await wire.drain();
        co_return false;
    }
    const bool close = !reader.keep_alive() || (last && site.announce_close);
    const bool open = co_await serve_known(wire, site, known, reader.request(), close);
    co_return open && !close && !last;
}

}  // namespace

asio::awaitable<void> while_paused(const Site& site) {
    while (site.paused) co_await pause_for(Milliseconds(5));
}

asio::awaitable<void> serve(std::shared_ptr<Wire> wire, Site& site) {
    const auto reader = std::make_unique<Reader>(*wire);
    for (std::uint64_t served = 1;; ++served) {
        const bool last = site.requests_per_connection > 0 && served >= site.requests_per_connection;
        const bool open = co_await serve_one(*wire, site, *reader, last);
        if (!open) break;
        reader->next();
    }
    co_await wire->close();
}

}  // namespace milo_perf::fake_milo
