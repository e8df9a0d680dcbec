#include "fake_milo/wire.hpp"

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/socket_base.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>

namespace milo_perf::fake_milo {
namespace asio = boost::asio;
using boost::system::error_code;

namespace {
constexpr auto as_values = asio::as_tuple(asio::deferred);
}  // namespace

asio::awaitable<bool> Wire::handshake(std::shared_ptr<asio::ssl::context> context) {
    context_ = std::move(context);
    tls_.emplace(socket_, *context_);
    const auto [error] = co_await tls_->async_handshake(asio::ssl::stream_base::server, as_values);
    co_return !error;
}

asio::awaitable<std::size_t> Wire::read(char* space, std::size_t size) {
    const asio::mutable_buffer buffer(space, size);
    if (tls_) {
        const auto [error, count] = co_await tls_->async_read_some(buffer, as_values);
        co_return error ? 0 : count;
    }
    const auto [error, count] = co_await socket_.async_read_some(buffer, as_values);
    co_return error ? 0 : count;
}

asio::awaitable<bool> Wire::write(std::string_view bytes) {
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    if (tls_) {
        const auto [error, count] = co_await asio::async_write(*tls_, buffer, as_values);
        co_return !error;
    }
    const auto [error, count] = co_await asio::async_write(socket_, buffer, as_values);
    co_return !error;
}

asio::awaitable<void> Wire::write_raw(std::string_view bytes) {
    const asio::const_buffer buffer(bytes.data(), bytes.size());
    co_await asio::async_write(socket_, buffer, as_values);
}

asio::awaitable<void> Wire::close() {
    if (tls_) {
        // Our goodbye is written at once; the peer's is not waited for long.
        asio::steady_timer timer(socket_.get_executor(), Milliseconds(20));
        // A timer that has expired already cannot be cancelled: the flag says that nobody waits any more.
        const auto waiting = std::make_shared<bool>(true);
        timer.async_wait([this, waiting](const error_code& error) {
            if (!error && *waiting) close_now();
        });
        co_await tls_->async_shutdown(as_values);
        *waiting = false;
    }
    close_now();
}

asio::awaitable<void> Wire::drain() {
    std::array<char, 4096> space{};
    for (;;) {
        const std::size_t count = co_await read(space.data(), space.size());
        if (count == 0) co_return;
    }
}

void Wire::reset() {
    error_code ignored;
    socket_.set_option(asio::socket_base::linger(true, 0), ignored);
    socket_.close(ignored);
}

void Wire::close_now() {
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    socket_.close(ignored);
}

bool Wire::resumed() const {
    auto* tls = const_cast<Wire*>(this)->tls_ ? const_cast<Wire*>(this)->tls_->native_handle() : nullptr;
    return tls != nullptr && SSL_session_reused(tls) == 1;
}

bool Wire::has_good_certificate() const {
    auto* tls = const_cast<Wire*>(this)->tls_ ? const_cast<Wire*>(this)->tls_->native_handle() : nullptr;
    if (tls == nullptr || SSL_get0_peer_certificate(tls) == nullptr) return false;
    return SSL_get_verify_result(tls) == X509_V_OK;
}

asio::awaitable<void> pause_for(Milliseconds time) {
    if (time.count() <= 0) co_return;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, time);
    co_await timer.async_wait(as_values);
}

}  // namespace milo_perf::fake_milo
