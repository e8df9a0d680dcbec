#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "http/tls_context.hpp"

namespace milo_perf::http {

/// A TCP connection, with TLS on top once it is asked for.
///
/// OpenSSL reads from and writes to the socket itself: `asio::ssl::stream` keeps two 17 KB buffers and a BIO
/// pair per connection, which at 10,000 connections is most of the memory, and copies every byte once more.
/// Reading and writing are plain calls that say when they would block; the coroutine that owns the connection
/// then awaits `ready`.
class Stream {
  public:
    enum class Status { ok, want_read, want_write, end, error };

    struct Result {
        Status status = Status::ok;
        std::size_t bytes = 0;

        bool would_block() const { return status == Status::want_read || status == Status::want_write; }
    };

    explicit Stream(const boost::asio::any_io_executor& executor);
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    /// The socket, to be connected.
    boost::asio::ip::tcp::socket& socket() { return socket_; }
    /// To be called once it is connected, before anything below.
    boost::system::error_code connected();

    /// Puts TLS on top; the handshake is driven with `handshake`.
    void start_tls(SslPtr ssl);
    Result handshake();

    /// Puts decrypted bytes into `space`.
    Result read(std::span<char> space);
    /// Sends as much of `bytes` as the socket takes.
    Result write(std::string_view bytes);

    /// Awaitable: waits for what a call wanted that would have blocked; gives (error_code).
    auto ready(Status wanted) {
        using Socket = boost::asio::ip::tcp::socket;
        // Whatever the wait ends with, a receive tells more.
        if (wanted == Status::want_read) drained_ = false;
        return socket_.async_wait(wanted == Status::want_read ? Socket::wait_read : Socket::wait_write,
                                  boost::asio::as_tuple(boost::asio::deferred));
    }
    /// Ends what is awaited with operation_aborted.
    void cancel();

    bool secure() const { return ssl_ != nullptr; }
    bool session_resumed() const;
    /// True when bytes are at hand that nobody has asked for.
    bool has_unread_input() const;
    /// The error of the last `Status::error`.
    const boost::system::error_code& error() const { return error_; }
    /// What TLS says about the last error; empty when it was the socket's.
    const std::string& tls_error() const { return tls_error_; }
    /// Payload bytes on the wire, TLS included.
    std::size_t bytes_sent() const { return bytes_sent_; }
    std::size_t bytes_received() const { return bytes_received_; }

    /// True when the peer has closed or sent something while the connection was idle.
    bool idle_socket_is_dead();

  private:
    friend struct SocketBio;

    boost::system::error_code forget_write_interest();
    Result ssl_result(int returned);
    /// recv and send on the socket; the result's bytes are counted, the error is kept.
    Result receive(std::span<char> space);
    Result send(std::string_view bytes);

    boost::asio::ip::tcp::socket socket_;
    SslPtr ssl_;
    /// The last receive has emptied the socket, and nobody has waited since.
    bool drained_ = false;
    bool end_of_input_ = false;
    boost::system::error_code error_;
    std::string tls_error_;
    std::size_t bytes_sent_ = 0;
    std::size_t bytes_received_ = 0;
};

}  // namespace milo_perf::http
