#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "fake_milo/faults.hpp"

namespace milo_perf::fake_milo {

/// The server's end of one connection, with or without TLS. Errors are ends: whatever happened, the peer
/// cannot be spoken to any more.
class Wire {
  public:
    explicit Wire(boost::asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}

    /// False when the peer did not go through with it.
    boost::asio::awaitable<bool> handshake(std::shared_ptr<boost::asio::ssl::context> context);
    /// Bytes read; 0 at the end.
    boost::asio::awaitable<std::size_t> read(char* space, std::size_t size);
    /// `bytes` must live until it is done. False when the peer is gone.
    boost::asio::awaitable<bool> write(std::string_view bytes);
    /// Bytes around TLS.
    boost::asio::awaitable<void> write_raw(std::string_view bytes);
    /// Says goodbye in TLS, then closes.
    boost::asio::awaitable<void> close();
    /// Reads and forgets until the peer goes away.
    boost::asio::awaitable<void> drain();
    /// RST.
    void reset();
    /// FIN without TLS' goodbye.
    void close_now();

    bool resumed() const;
    /// True when the peer showed a certificate of our CA.
    bool has_good_certificate() const;

  private:
    boost::asio::ip::tcp::socket socket_;
    std::shared_ptr<boost::asio::ssl::context> context_;
    std::optional<boost::asio::ssl::stream<boost::asio::ip::tcp::socket&>> tls_;
};

boost::asio::awaitable<void> pause_for(Milliseconds time);

}  // namespace milo_perf::fake_milo
