#include "http/client.hpp"

#include <fmt/format.h>

#include <array>

#include "base/error.hpp"
#include "http/connection.hpp"
#include "http/deadline.hpp"
#include "http/pool.hpp"
#include "http/redact.hpp"

namespace milo_perf::http {
namespace asio = boost::asio;

namespace {

std::string host_field(const Endpoint& endpoint) {
    const std::string host = bracketed(endpoint.host);
    const bool usual = endpoint.port == (endpoint.tls ? 443 : 80);
    return usual ? host : fmt::format("{}:{}", host, endpoint.port);
}

}  // namespace

class Client::Impl {
  public:
    Impl(asio::any_io_executor executor, Endpoint endpoint, Limits limits)
        : endpoint_(std::move(endpoint)),
          limits_(limits),
          deadlines_(executor),
          pool_(std::move(executor), endpoint_, limits_) {
        if (endpoint_.proxy && endpoint_.proxy->tls) {
            throw UserError(
                fmt::format("The proxy {} is an https one, which is not supported: name it with http.",
                            endpoint_.proxy->host));
        }
        if (endpoint_.tls) set_tls(endpoint_.tls_options);
        const std::string host = host_field(endpoint_);
        head_ =
            fmt::format(" HTTP/1.1\r\nHost: {}\r\nUser-Agent: milo-perf/{}\r\nAccept: application/json\r\n",
                        host, MILO_PERF_VERSION);
        head_ += endpoint_.header_fields;
        target_prefix_ = endpoint_.path_prefix;
        if (absolute_form()) {
            target_prefix_ = "http://" + host + target_prefix_;
            if (!endpoint_.proxy->authorization.empty()) {
                head_ += fmt::format("Proxy-Authorization: {}\r\n", endpoint_.proxy->authorization);
            }
        }
    }

    void set_tls(const TlsOptions& options) {
        pool_.set_tls(std::make_shared<TlsContext>(options, endpoint_.host));
    }

    void close() { pool_.close(); }
    ClientCounters counters() const { return pool_.counters(); }
    const Endpoint& endpoint() const { return endpoint_; }
    const Limits& limits() const { return limits_; }

    asio::awaitable<void> send(const Request& request, Duration timeout, const BodySink* sink,
                               Outcome& outcome) {
        stats::Attempt& attempt = outcome.attempt;
        attempt.started = Clock::now();
        attempt.planned = request.planned == TimePoint{} ? attempt.started : request.planned;
        const ExchangeOptions options{.body = request.response_body, .sink = sink, .silence = timeout};
        Deadline deadline(attempt.started + timeout);
        deadlines_.add(deadline);
        bool fresh = false;
        for (;;) {
            Pool::ConnectionPtr connection;
            if (!fresh) connection = pool_.take_idle();
            attempt.reused = connection != nullptr;
            if (attempt.reused) {
                attempt.connected = attempt.started;
            } else {
                connection = co_await pool_.acquire(fresh, deadline, outcome);
                if (!connection) break;
                attempt.reused = connection->used;
                attempt.connected = Clock::now();
            }
            const std::string_view message = compose(request);
            // The lease gives the connection back even when cancellation throws out of here.
            Lease lease{pool_, std::move(connection)};
            lease.reusable =
                co_await exchange(*lease.connection, message, options, limits_, deadline, scratch_, outcome);
            deadline.on_expire = nullptr;
            const bool hung_up = outcome.failure == Failure::reset || outcome.failure == Failure::closed;
            const bool stale = attempt.reused && hung_up && attempt.first_byte == TimePoint{};
            if (!stale || outcome.resent) break;
            outcome.failure = Failure::none;
            outcome.detail.clear();
            outcome.resent = true;
            fresh = true;
            // What counts is the connection to come; it may never stand.
            attempt.connected = {};
        }
        if (absolute_form() && !outcome.ok())
            outcome.body = without_credentials(std::move(outcome.body), endpoint_.proxy->authorization);
        attempt.finished = Clock::now();
        attempt.status = outcome.answered() ? outcome.status : 0;
        attempt.error = to_string(outcome.failure);
    }

  private:
    struct Lease {
        Lease(Pool& owner, Pool::ConnectionPtr taken) : pool(owner), connection(std::move(taken)) {}
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease() { pool.release(std::move(connection), reusable); }
        Pool& pool;
        Pool::ConnectionPtr connection;
        bool reusable = false;
    };

    /// Whether requests go to an HTTP proxy itself, and not through a tunnel.
    bool absolute_form() const { return endpoint_.proxy && !endpoint_.proxy->socks5 && !endpoint_.tls; }

    /// The request's bytes, in a buffer that the next request overwrites.
    std::string_view compose(const Request& request) {
        message_.clear();
        message_.append(request.method)
            .append(" ")
            .append(target_prefix_)
            .append(request.target)
            .append(head_);
        if (!request.authorization.empty()) {
            message_.append("Authorization: ").append(request.authorization).append("\r\n");
        }
        if (!request.content_type.empty()) {
            message_.append("Content-Type: ").append(request.content_type).append("\r\n");
        }
        if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
            request.method == "PATCH") {
            const fmt::format_int length(request.body.size());
            message_.append("Content-Length: ").append(length.data(), length.size()).append("\r\n");
        }
        message_.append("\r\n").append(request.body);
        return message_;
    }

    Endpoint endpoint_;
    Limits limits_;
    DeadlineQueue deadlines_;
    Pool pool_;
    std::string head_;
    std::string target_prefix_;
    std::string message_;
    std::array<char, 16 * 1024> scratch_;
};

Client::Client(asio::any_io_executor executor, Endpoint endpoint, Limits limits)
    : impl_(std::make_unique<Impl>(std::move(executor), std::move(endpoint), limits)) {}

Client::~Client() = default;

asio::awaitable<void> Client::send(const Request& request, Outcome& outcome) {
    const Duration timeout = request.timeout.value_or(impl_->limits().request_timeout);
    return impl_->send(request, timeout, nullptr, outcome);
}

asio::awaitable<Outcome> Client::stream(Request request, Duration silence, BodySink sink) {
    Outcome outcome;
    co_await impl_->send(request, silence, &sink, outcome);
    co_return outcome;
}

void Client::set_tls(const TlsOptions& options) {
    impl_->set_tls(options);
}
void Client::close() {
    impl_->close();
}
ClientCounters Client::counters() const {
    return impl_->counters();
}
const Endpoint& Client::endpoint() const {
    return impl_->endpoint();
}

}  // namespace milo_perf::http
