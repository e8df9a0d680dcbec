#include "http/connection.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

#include "http/response_parser.hpp"

namespace milo_perf::http {
namespace asio = boost::asio;
namespace beast_http = boost::beast::http;

Failure classify(const boost::system::error_code& error) {
    namespace errc = boost::system::errc;
    if (error == asio::error::connection_refused) return Failure::refused;
    if (error == asio::error::eof) return Failure::closed;
    if (error == asio::error::operation_aborted) return Failure::cancelled;
    if (error == asio::error::timed_out) return Failure::timeout;
    if (error == errc::too_many_files_open || error == errc::too_many_files_open_in_system) {
        return Failure::descriptors;
    }
    if (error == asio::error::connection_reset || error == asio::error::broken_pipe ||
        error == asio::error::connection_aborted) {
        return Failure::reset;
    }
    return Failure::connect;
}

namespace {

void fail(Outcome& outcome, Failure failure, std::string detail) {
    outcome.failure = failure;
    outcome.detail = std::move(detail);
}

void record_wait_error(const boost::system::error_code& error, const Connection& connection,
                       const Deadline& deadline, Outcome& outcome) {
    if (deadline.expired) {
        fail(outcome, Failure::timeout, "no complete answer in time");
    } else if (connection.abandoned || error == asio::error::operation_aborted) {
        fail(outcome, Failure::cancelled, "cancelled");
    } else {
        const Failure failure = classify(error);
        fail(outcome, failure == Failure::connect ? Failure::reset : failure, error.message());
    }
}

/// Feeds an answer's bytes to the parser across reads.
class Feed {
  public:
    Feed(Outcome& outcome, const ExchangeOptions& options, const Limits& limits)
        : outcome_(outcome), options_(options), limits_(limits) {
        restart();
    }

    /// Takes freshly read bytes. False when the answer cannot be used; `outcome` says why.
    bool take(std::string_view bytes) {
        if (!pending_.empty()) {
            pending_.append(bytes);
            bytes = pending_;
        }
        while (!bytes.empty() && !done()) {
            boost::beast::error_code error;
            const std::size_t used = parser_->put(asio::const_buffer(bytes.data(), bytes.size()), error);
            bytes.remove_prefix(used);
            if (error == beast_http::error::need_more) break;
            if (error) return refuse(error);
            if (parser_->is_done() && outcome_.status < 200) {
                restart();
                continue;
            }
            if (used == 0) break;
        }
        std::string rest(bytes);
        pending_.swap(rest);
        return true;
    }

    /// The connection's end. False when the answer is incomplete.
    bool end() {
        // After an interim answer (1xx) nothing of the final one has come.
        if (!parser_->got_some()) return false;
        boost::beast::error_code error;
        parser_->put_eof(error);
        return !error && parser_->is_done();
    }

    bool done() const { return parser_->is_done(); }
    bool unusable() const { return parser_->is_header_done() && parser_->encoded(); }
    bool stopped_by_sink() const { return parser_->refused_by_sink(); }
    bool reusable() const { return parser_->keep_alive() && pending_.empty(); }

  private:
    void restart() {
        parser_.emplace(outcome_, options_.body, limits_);
        if (options_.sink != nullptr) parser_->set_sink(options_.sink);
    }

    bool refuse(const boost::beast::error_code& error) {
        if (parser_->refused_by_sink()) return true;
        const bool large = error == beast_http::error::header_limit ||
                           error == beast_http::error::body_limit ||
                           error == beast_http::error::buffer_overflow;
        fail(outcome_, large ? Failure::too_large : Failure::malformed, error.message());
        return false;
    }

    Outcome& outcome_;
    const ExchangeOptions& options_;
    const Limits& limits_;
    std::optional<ResponseParser> parser_;
    std::string pending_;
};

}  // namespace

void record_stream_error(const Connection& connection, const Deadline& deadline, Outcome& outcome) {
    const Stream& stream = connection.stream;
    if (!stream.tls_error().empty()) {
        fail(outcome, Failure::tls, stream.tls_error());
    } else {
        record_wait_error(stream.error(), connection, deadline, outcome);
    }
}

asio::awaitable<bool> exchange(Connection& connection, std::string_view message, ExchangeOptions options,
                               const Limits& limits, Deadline& deadline, std::span<char> scratch,
                               Outcome& outcome) {
    Stream& stream = connection.stream;
    deadline.on_expire = [&stream] { stream.cancel(); };
    stats::Attempt& attempt = outcome.attempt;
    const std::size_t sent_before = stream.bytes_sent();
    const std::size_t received_before = stream.bytes_received();

    // `message` stands in a buffer shared by all requests: what the socket does not take at once is copied.
    std::string rest;
    bool broken_write = false;
    while (!message.empty() && !broken_write) {
        const Stream::Result wrote = stream.write(message);
        if (wrote.status == Stream::Status::ok) {
            message.remove_prefix(wrote.bytes);
            continue;
        }
        if (wrote.status == Stream::Status::error || wrote.status == Stream::Status::end) {
            // The server may have answered (413, say) before it hung up: look.
            broken_write = true;
            break;
        }
        if (rest.empty()) {
            rest.assign(message);
            message = rest;
        }
        const auto [error] = co_await stream.ready(wrote.status);
        if (error) {
            record_wait_error(error, connection, deadline, outcome);
            co_return false;
        }
    }

    Feed feed(outcome, options, limits);
    bool usable = false;
    for (;;) {
        const Stream::Result got = stream.read(scratch);
        if (got.would_block()) {
            const auto [error] = co_await stream.ready(got.status);
            if (error) {
                record_wait_error(error, connection, deadline, outcome);
                break;
            }
        } else if (got.status == Stream::Status::end) {
            if (attempt.first_byte == TimePoint{} || !feed.end()) {
                fail(outcome, Failure::closed,
                     "the server closed the connection before the answer was complete");
            }
            break;
        } else if (got.status == Stream::Status::error) {
            record_stream_error(connection, deadline, outcome);
            break;
        } else {
            if (attempt.first_byte == TimePoint{}) attempt.first_byte = Clock::now();
            if (options.sink != nullptr) deadline.at = Clock::now() + options.silence;
            if (!feed.take(std::string_view(scratch.data(), got.bytes))) break;
            if (feed.unusable()) {
                fail(outcome, Failure::malformed, "an answer in a content encoding that was not asked for");
                break;
            }
            if (feed.stopped_by_sink()) break;
            if (feed.done()) {
                usable = feed.reusable() && !broken_write && options.sink == nullptr;
                break;
            }
        }
    }
    attempt.bytes_sent += stream.bytes_sent() - sent_before;
    attempt.bytes_received += stream.bytes_received() - received_before;
    co_return usable;
}

}  // namespace milo_perf::http
