#include "http/pool.hpp"

#include <algorithm>

namespace milo_perf::http {
namespace asio = boost::asio;

namespace {
/// An idle connection older than this is looked at before it is used; younger ones are trusted, since looking
/// costs a system call per request.
constexpr Duration trusted_idle_time = std::chrono::seconds(1);
}  // namespace

Pool::Pool(asio::any_io_executor executor, const Endpoint& endpoint, const Limits& limits)
    : executor_(executor), limits_(limits), connector_(std::move(executor), endpoint, limits) {}

void Pool::wake_one() {
    if (waiters_.empty()) return;
    Waiter& first = waiters_.front();
    waiters_.pop_front();
    first.timer.cancel();
}

void Pool::drop(ConnectionPtr connection) {
    connection.reset();
    --open_;
    wake_one();
}

Pool::ConnectionPtr Pool::pop_idle() {
    const TimePoint now = Clock::now();
    while (!idle_.empty()) {
        ConnectionPtr connection = std::move(idle_.back());
        idle_.pop_back();
        const Duration idle = now - connection->idle_since;
        const bool dead = idle > limits_.idle_timeout || connection->tls != tls_ ||
                          (idle > trusted_idle_time && connection->stream.idle_socket_is_dead());
        if (!dead) return connection;
        drop(std::move(connection));
    }
    return nullptr;
}

asio::awaitable<Pool::ConnectionPtr> Pool::open(Deadline& deadline, Outcome& outcome) {
    // Counts the place in the pool until the connection stands, whatever ends this coroutine.
    struct Opening {
        Pool& pool;
        bool done = false;
        explicit Opening(Pool& owner) : pool(owner) {
            ++pool.open_;
            ++pool.opening_;
            // The limit may have grown since the next in line was turned away.
            if (pool.may_open()) pool.wake_one();
        }
        Opening(const Opening&) = delete;
        Opening& operator=(const Opening&) = delete;
        ~Opening() {
            --pool.opening_;
            if (!done) --pool.open_;
            pool.wake_one();
        }
    } opening(*this);
    auto connection = std::make_unique<Connection>(executor_, tls_);
    all_.push_back(*connection);
    const TimePoint begun = Clock::now();
    const bool good = co_await connector_.open(*connection, deadline, outcome);
    outcome.attempt.connect = Clock::now() - begun;
    if (!good) co_return nullptr;
    opening.done = true;
    ++counters_.connections_opened;
    counters_.peak_connections = std::max<std::uint64_t>(counters_.peak_connections, open_);
    if (connection->stream.secure()) {
        ++counters_.tls_handshakes;
        if (connection->stream.session_resumed()) ++counters_.tls_sessions_resumed;
    }
    co_return connection;
}

asio::awaitable<Pool::ConnectionPtr> Pool::acquire(bool fresh, Deadline& deadline, Outcome& outcome) {
    bool first_in_line = waiters_.empty();
    for (;;) {
        if (closed_) {
            outcome.failure = Failure::cancelled;
            outcome.detail = "the client is closed";
            co_return nullptr;
        }
        if (first_in_line) {
            if (!fresh) {
                ConnectionPtr connection = pop_idle();
                if (connection) co_return connection;
            } else if (open_ >= limits_.max_connections && !idle_.empty()) {
                ConnectionPtr oldest = std::move(idle_.front());
                idle_.pop_front();
                drop(std::move(oldest));
            }
            if (may_open()) {
                ConnectionPtr connection = co_await open(deadline, outcome);
                co_return connection;
            }
        }
        Waiter waiter(executor_, fresh);
        // The first to wait keeps its place.
        if (first_in_line) {
            waiters_.push_front(waiter);
        } else {
            waiters_.push_back(waiter);
        }
        deadline.on_expire = [&waiter] { waiter.timer.cancel(); };
        co_await waiter.timer.async_wait(asio::as_tuple(asio::deferred));
        deadline.on_expire = nullptr;
        // Woken by wake_one, the waiter is out of the list; still in it means cancelled or expired.
        const bool woken = !waiter.is_linked();
        first_in_line = true;
        if (waiter.given && !deadline.expired) co_return std::move(waiter.given);
        if (deadline.expired || !woken) {
            if (waiter.given)
                keep(std::move(waiter.given));
            else if (woken)
                wake_one();
            outcome.failure = deadline.expired ? Failure::timeout : Failure::cancelled;
            outcome.detail = deadline.expired ? "no connection was free in time" : "cancelled";
            co_return nullptr;
        }
    }
}

void Pool::release(ConnectionPtr connection, bool reusable) {
    if (!reusable || closed_ || connection->tls != tls_ || connection->stream.has_unread_input()) {
        drop(std::move(connection));
        return;
    }
    connection->used = true;
    connection->idle_since = Clock::now();
    keep(std::move(connection));
    while (!idle_.empty() && idle_.back()->idle_since - idle_.front()->idle_since > limits_.idle_timeout) {
        ConnectionPtr oldest = std::move(idle_.front());
        idle_.pop_front();
        drop(std::move(oldest));
    }
}

void Pool::keep(ConnectionPtr connection) {
    if (!waiters_.empty() && !waiters_.front().fresh) {
        waiters_.front().given = std::move(connection);
    } else {
        idle_.push_back(std::move(connection));
    }
    wake_one();
}

void Pool::set_tls(std::shared_ptr<TlsContext> context) {
    tls_ = std::move(context);
}

void Pool::close() {
    closed_ = true;
    open_ -= idle_.size();
    idle_.clear();
    for (Connection& connection : all_) {
        connection.abandoned = true;
        connection.cancel();
    }
    while (!waiters_.empty()) wake_one();
}

}  // namespace milo_perf::http
