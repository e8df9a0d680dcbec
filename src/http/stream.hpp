#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "http/tls_context.hpp"

namespace milo_perf::http {

/// A TCP connection, with TLS on top once it is asked for.
///
/// OpenSSL writes straight to the socket and reads from one small input buffer: `asio::ssl::stream` keeps two
/// 17 KB buffers and a BIO pair per connection, which at 10,000 connections is most of the memory, and copies
/// every byte once more. Reading and writing are plain calls that say when they would block; the coroutine
/// that owns the connection then awaits `fill` or `wait_writable`.
class Stream {
  public:
    enum class Status { ok, want_read, want_write, end, error };

    struct Result {
        Status status = Status::ok;
        std::size_t bytes = 0;
    };

    explicit Stream(boost::asio::any_io_executor executor);
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    boost::asio::ip::tcp::socket& socket() { return socket_; }

    /// Puts TLS on top of the connected socket; the handshake is driven with `handshake`.
    void start_tls(SslPtr ssl);
    Result handshake();

    /// Puts decrypted bytes into `space`.
    Result read(std::span<char> space);
    /// Sends as much of `bytes` as the socket takes.
    Result write(std::string_view bytes);

    /// Awaitable: receives what has arrived into the input buffer; gives (error_code, size).
    auto fill() {
        return socket_.async_read_some(boost::asio::buffer(input_.get(), input_capacity),
                                       boost::asio::as_tuple(boost::asio::deferred));
    }
    /// To be called with fill's size.
    void filled(std::size_t size);
    /// To be called when fill ended with end of file or an error.
    void filled(const boost::system::error_code& error);

    auto wait_writable() {
        return socket_.async_wait(boost::asio::ip::tcp::socket::wait_write,
                                  boost::asio::as_tuple(boost::asio::deferred));
    }

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
    void close();

  private:
    friend struct SocketBio;
    static constexpr std::size_t input_capacity = 4096;

    Result ssl_result(int returned);
    Result socket_error(const boost::system::error_code& error);

    boost::asio::ip::tcp::socket socket_;
    SslPtr ssl_;
    std::unique_ptr<char[]> input_;
    std::size_t input_begin_ = 0;
    std::size_t input_end_ = 0;
    bool end_of_input_ = false;
    boost::system::error_code input_error_;
    boost::system::error_code error_;
    std::string tls_error_;
    std::size_t bytes_sent_ = 0;
    std::size_t bytes_received_ = 0;
};

}  // namespace milo_perf::http
