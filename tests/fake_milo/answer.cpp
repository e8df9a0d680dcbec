#include <algorithm>

#include "fake_milo/session.hpp"

namespace milo_perf::fake_milo {
namespace asio = boost::asio;

namespace {

constexpr std::size_t block_bytes = 64 * 1024;

asio::awaitable<bool> write_slowly(Wire& wire, std::string_view bytes, Milliseconds interval) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const bool good = co_await wire.write(bytes.substr(i, 1));
        if (!good) co_return false;
        co_await pause_for(interval);
    }
    co_return true;
}

/// A body of `size` blanks after a JSON-like beginning, in blocks, chunked or not.
asio::awaitable<bool> write_huge(Wire& wire, const Response& response, std::uint64_t size, bool chunked) {
    const std::string head = head_of(response, chunked ? Framing::chunked : Framing::length, size, false);
    bool good = co_await wire.write(head);
    const std::string block(block_bytes, ' ');
    const std::string chunk = chunk_of(block);
    for (std::uint64_t sent = 0; sent < size && good;) {
        const std::uint64_t part = std::min<std::uint64_t>(block.size(), size - sent);
        good =
            co_await wire.write(chunked ? std::string_view(chunk) : std::string_view(block).substr(0, part));
        sent += part;
    }
    if (good && chunked) good = co_await wire.write(last_chunk);
    co_return good;
}

/// A body without a length ends with the connection.
asio::awaitable<bool> write_until_close(Wire& wire, const Response& response) {
    const std::string head = head_of(response, Framing::until_close, 0, true);
    const bool good = co_await wire.write(head);
    if (good) co_await wire.write(response.body);
    co_await wire.close();
    co_return false;
}

/// Half of the answer, then its end by `effect`.
asio::awaitable<bool> write_half(Wire& wire, std::string bytes, Effect effect) {
    co_await wire.write(std::string_view(bytes).substr(0, bytes.size() / 2));
    if (effect == Effect::stall_in_answer) {
        co_await wire.drain();
    } else if (effect == Effect::truncated_answer) {
        co_await wire.close();
    } else {
        // Lets what was written arrive: an RST may throw away what the peer has not read.
        co_await pause_for(Milliseconds(20));
        wire.reset();
    }
    co_return false;
}

void disfigure(Response& response, const Fault& fault) {
    switch (fault.effect) {
        case Effect::malformed_json:
            response.body.resize(response.body.size() / 2);
            break;
        case Effect::wrong_content_type:
            response.content_type = "text/html";
            response.body = "<html><body>Welcome</body></html>";
            break;
        case Effect::gzip_body:
            response.body = gzip(response.body);
            response.headers.emplace_back("Content-Encoding", "gzip");
            break;
        case Effect::huge_header:
            response.headers.emplace_back("X-Filling", std::string(fault.size_bytes, 'x'));
            break;
        default:
            break;
    }
}

}  // namespace

asio::awaitable<bool> answer(Wire& wire, Response response, const Fault& fault, bool close) {
    switch (fault.effect) {
        case Effect::reset_after_store:
            wire.reset();
            co_return false;
        case Effect::stall_after_store:
            co_await wire.drain();
            co_return false;
        case Effect::no_content_length: {
            const bool open = co_await write_until_close(wire, response);
            co_return open;
        }
        case Effect::huge_body:
        case Effect::endless_body: {
            const bool good =
                co_await write_huge(wire, response, fault.size_bytes, fault.effect == Effect::endless_body);
            co_return good;
        }
        case Effect::not_http: {
            co_await wire.write("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n");
            co_await wire.close();
            co_return false;
        }
        default:
            break;
    }
    disfigure(response, fault);
    const std::string bytes = bytes_of(response, close);
    if (fault.effect == Effect::reset_in_answer || fault.effect == Effect::truncated_answer ||
        fault.effect == Effect::stall_in_answer) {
        const bool open = co_await write_half(wire, bytes, fault.effect);
        co_return open;
    }
    bool good = false;
    if (fault.effect == Effect::slow_writer) {
        good = co_await write_slowly(wire, bytes, fault.interval);
    } else {
        good = co_await wire.write(bytes);
    }
    if (good && fault.effect == Effect::close_after_answer) {
        co_await wire.close();
        good = false;
    }
    co_return good;
}

}  // namespace milo_perf::fake_milo
