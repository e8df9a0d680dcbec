#include "http/stream.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "http/socket_bio.hpp"

namespace milo_perf::http {

namespace {

/// OpenSSL's queue is per thread: what an earlier connection left there would be read as this one's. It is
/// nearly always empty, and clearing it costs more than looking.
void forget_old_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

bool would_block(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

}  // namespace

/// The BIO's callbacks; `BIO_get_data` is the Stream.
struct SocketBio {
    static int write(BIO* bio, const char* bytes, int size) {
        auto& stream = *static_cast<Stream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        const Stream::Result sent = stream.send({bytes, static_cast<std::size_t>(size)});
        if (sent.status == Stream::Status::ok) return static_cast<int>(sent.bytes);
        if (sent.would_block()) BIO_set_retry_write(bio);
        return -1;
    }

    static int read(BIO* bio, char* space, int size) {
        auto& stream = *static_cast<Stream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        const Stream::Result got = stream.receive({space, static_cast<std::size_t>(size)});
        if (got.status == Stream::Status::ok) return static_cast<int>(got.bytes);
        if (got.status == Stream::Status::end) return 0;
        if (got.would_block()) BIO_set_retry_read(bio);
        return -1;
    }

    static long control(BIO* bio, int command, long, void*) {
        if (command == BIO_CTRL_EOF) return static_cast<Stream*>(BIO_get_data(bio))->end_of_input_ ? 1 : 0;
        return command == BIO_CTRL_FLUSH ? 1 : 0;
    }

    static BIO_METHOD* method() {
        static const std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> made = [] {
            std::unique_ptr<BIO_METHOD, decltype(&BIO_meth_free)> fresh(
                BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "milo-perf stream"), &BIO_meth_free);
            BIO_meth_set_write(fresh.get(), &SocketBio::write);
            BIO_meth_set_read(fresh.get(), &SocketBio::read);
            BIO_meth_set_ctrl(fresh.get(), &SocketBio::control);
            return fresh;
        }();
        return made.get();
    }
};

BIO* make_socket_bio(Stream& stream) {
    BIO* bio = BIO_new(SocketBio::method());
    BIO_set_data(bio, &stream);
    BIO_set_init(bio, 1);
    return bio;
}

Stream::Stream(const boost::asio::any_io_executor& executor) : socket_(executor) {}

/// Asio asks epoll for both directions once it has waited to write, as connecting does, and each later wait
/// to read is then answered at once with "writable": a second event for every request, often by an
/// `epoll_wait` of its own. The descriptor is registered anew, as one that has never written.
boost::system::error_code Stream::forget_write_interest() {
    boost::system::error_code error;
    const auto protocol = socket_.local_endpoint(error).protocol();
    if (error) return error;
    const int descriptor = socket_.release(error);
    if (error) return error;
    socket_.assign(protocol, descriptor, error);
    if (error) ::close(descriptor);
    return error;
}

boost::system::error_code Stream::connected() {
    boost::system::error_code error = forget_write_interest();
    if (!error) socket_.set_option(boost::asio::ip::tcp::no_delay(true), error);
    if (!error) socket_.non_blocking(true, error);
    return error;
}

void Stream::start_tls(SslPtr ssl) {
    ssl_ = std::move(ssl);
    BIO* bio = make_socket_bio(*this);
    SSL_set_bio(ssl_.get(), bio, bio);
}

Stream::Result Stream::ssl_result(int returned) {
    const int reason = SSL_get_error(ssl_.get(), returned);
    switch (reason) {
        case SSL_ERROR_WANT_READ:
            return {Status::want_read};
        case SSL_ERROR_WANT_WRITE:
            return {Status::want_write};
        case SSL_ERROR_ZERO_RETURN:
            return {Status::end};
        default:
            break;
    }
    if (error_) {
        ERR_clear_error();
        return {Status::error};
    }
    // Many servers close without close_notify: once the handshake is done, that is an end like any other, and
    // HTTP's own framing tells whether the answer was complete.
    if (end_of_input_ && SSL_is_init_finished(ssl_.get()) != 0) {
        ERR_clear_error();
        return {Status::end};
    }
    const long verdict = SSL_get_verify_result(ssl_.get());
    if (verdict != X509_V_OK && SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE) {
        tls_error_ = std::string(unverified_server) + ": " + X509_verify_cert_error_string(verdict);
        ERR_clear_error();
    } else if (ERR_peek_last_error() != 0) {
        tls_error_ = take_openssl_error();
    } else if (end_of_input_) {
        return {Status::end};
    } else {
        tls_error_ = "protocol error";
    }
    return {Status::error};
}

Stream::Result Stream::handshake() {
    forget_old_errors();
    const int returned = SSL_do_handshake(ssl_.get());
    return returned == 1 ? Result{Status::ok} : ssl_result(returned);
}

Stream::Result Stream::receive(std::span<char> space) {
    if (end_of_input_) return {Status::end};
    if (drained_) return {Status::want_read};
    const ssize_t got = ::recv(socket_.native_handle(), space.data(), space.size(), 0);
    if (got > 0) {
        const auto size = static_cast<std::size_t>(got);
        bytes_received_ += size;
        drained_ = size < space.size();
        return {Status::ok, size};
    }
    if (got == 0) {
        end_of_input_ = true;
        return {Status::end};
    }
    if (would_block(errno)) return {Status::want_read};
    error_.assign(errno, boost::system::system_category());
    return {Status::error};
}

Stream::Result Stream::send(std::string_view bytes) {
    const ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
        bytes_sent_ += static_cast<std::size_t>(sent);
        return {Status::ok, static_cast<std::size_t>(sent)};
    }
    if (would_block(errno)) return {Status::want_write};
    error_.assign(errno, boost::system::system_category());
    return {Status::error};
}

Stream::Result Stream::read(std::span<char> space) {
    if (!ssl_) return receive(space);
    // Asking OpenSSL would come to the same, at the price of a look into its error queue.
    if (drained_ && !end_of_input_ && SSL_has_pending(ssl_.get()) == 0) {
        return {Status::want_read};
    }
    forget_old_errors();
    const int got = SSL_read(ssl_.get(), space.data(), static_cast<int>(space.size()));
    return got > 0 ? Result{Status::ok, static_cast<std::size_t>(got)} : ssl_result(got);
}

Stream::Result Stream::write(std::string_view bytes) {
    if (!ssl_) return send(bytes);
    forget_old_errors();
    const int put = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    return put > 0 ? Result{Status::ok, static_cast<std::size_t>(put)} : ssl_result(put);
}

void Stream::cancel() {
    boost::system::error_code ignored;
    socket_.cancel(ignored);
}

bool Stream::session_resumed() const {
    return ssl_ && SSL_session_reused(ssl_.get()) == 1;
}

bool Stream::has_unread_input() const {
    return ssl_ && SSL_has_pending(ssl_.get()) == 1;
}

bool Stream::idle_socket_is_dead() {
    if (has_unread_input() || end_of_input_) return true;
    char byte = 0;
    const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK);
    if (got < 0) return !would_block(errno);
    // TLS 1.3 sends session tickets when it likes; only an end is a sign of death there.
    return got == 0 || !ssl_;
}

}  // namespace milo_perf::http
