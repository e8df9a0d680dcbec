#include "http/stream.hpp"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/error.hpp>
#include <cerrno>
#include <cstring>

#include "http/socket_bio.hpp"

namespace milo_perf::http {

namespace {

/// OpenSSL's queue is per thread: what an earlier connection left there would be read as this one's. It is
/// nearly always empty, and clearing it costs more than looking.
void forget_old_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace

/// The BIO's callbacks; `BIO_get_data` is the Stream.
struct SocketBio {
    static int write(BIO* bio, const char* bytes, int size) {
        auto& stream = *static_cast<Stream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        const ssize_t sent =
            ::send(stream.socket_.native_handle(), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
        if (sent >= 0) {
            stream.bytes_sent_ += static_cast<std::size_t>(sent);
            return static_cast<int>(sent);
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) {
            BIO_set_retry_write(bio);
        } else {
            stream.error_.assign(errno, boost::system::system_category());
        }
        return -1;
    }

    static int read(BIO* bio, char* space, int size) {
        auto& stream = *static_cast<Stream*>(BIO_get_data(bio));
        BIO_clear_retry_flags(bio);
        const std::size_t there = stream.input_end_ - stream.input_begin_;
        if (there == 0) {
            if (stream.end_of_input_) {
                stream.error_ = stream.input_error_;
                return stream.input_error_ ? -1 : 0;
            }
            BIO_set_retry_read(bio);
            return -1;
        }
        const std::size_t taken = std::min(there, static_cast<std::size_t>(size));
        std::memcpy(space, stream.input_.get() + stream.input_begin_, taken);
        stream.input_begin_ += taken;
        return static_cast<int>(taken);
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

Stream::Stream(boost::asio::any_io_executor executor)
    : socket_(std::move(executor)), input_(std::make_unique<char[]>(input_capacity)) {}

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
        tls_error_ = std::string("the server's certificate does not verify: ") +
                     X509_verify_cert_error_string(verdict);
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

Stream::Result Stream::socket_error(const boost::system::error_code& error) {
    error_ = error;
    return {Status::error};
}

Stream::Result Stream::read(std::span<char> space) {
    if (ssl_) {
        // Asking OpenSSL would come to the same, at the price of a look into its error queue.
        if (input_begin_ == input_end_ && !end_of_input_ && SSL_has_pending(ssl_.get()) == 0)
            return {Status::want_read};
        forget_old_errors();
        const int got = SSL_read(ssl_.get(), space.data(), static_cast<int>(space.size()));
        return got > 0 ? Result{Status::ok, static_cast<std::size_t>(got)} : ssl_result(got);
    }
    const std::size_t there = std::min(input_end_ - input_begin_, space.size());
    if (there == 0) {
        if (!end_of_input_) return {Status::want_read};
        return input_error_ ? socket_error(input_error_) : Result{Status::end};
    }
    std::memcpy(space.data(), input_.get() + input_begin_, there);
    input_begin_ += there;
    return {Status::ok, there};
}

Stream::Result Stream::write(std::string_view bytes) {
    if (ssl_) {
        forget_old_errors();
        const int put = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
        return put > 0 ? Result{Status::ok, static_cast<std::size_t>(put)} : ssl_result(put);
    }
    const ssize_t sent = ::send(socket_.native_handle(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
        bytes_sent_ += static_cast<std::size_t>(sent);
        return {Status::ok, static_cast<std::size_t>(sent)};
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Status::want_write};
    return socket_error({errno, boost::system::system_category()});
}

void Stream::filled(std::size_t size) {
    input_begin_ = 0;
    input_end_ = size;
    bytes_received_ += size;
}

void Stream::filled(const boost::system::error_code& error) {
    end_of_input_ = true;
    if (error != boost::asio::error::eof) input_error_ = error;
}

bool Stream::session_resumed() const {
    return ssl_ && SSL_session_reused(ssl_.get()) == 1;
}

bool Stream::has_unread_input() const {
    return input_begin_ != input_end_ || (ssl_ && SSL_pending(ssl_.get()) > 0);
}

bool Stream::idle_socket_is_dead() {
    if (has_unread_input() || end_of_input_) return true;
    char byte = 0;
    const ssize_t got = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    if (got < 0) return errno != EAGAIN && errno != EWOULDBLOCK;
    // TLS 1.3 sends session tickets when it likes; only an end is a sign of death there.
    return got == 0 || !ssl_;
}

void Stream::close() {
    boost::system::error_code ignored;
    socket_.close(ignored);
}

}  // namespace milo_perf::http
