#include "http/socks5.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/address.hpp>

namespace milo_perf::http {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr char version = 5;
constexpr char no_authentication = 0;
constexpr char user_and_password = 2;
constexpr char ipv4 = 1;
constexpr char name = 3;
constexpr char ipv6 = 4;
constexpr std::size_t longest_name = 255;

std::uint8_t byte_at(const std::string& text, std::size_t index) {
    return static_cast<std::uint8_t>(text[index]);
}

std::string greeting(const Proxy& proxy) {
    if (proxy.user.empty()) return {version, 1, no_authentication};
    return {version, 2, no_authentication, user_and_password};
}

std::string login(const Proxy& proxy) {
    std::string message{1, static_cast<char>(proxy.user.size())};
    message += proxy.user;
    message += static_cast<char>(proxy.password.size());
    message += proxy.password;
    return message;
}

asio::awaitable<boost::system::error_code> send_all(tcp::socket& socket, std::string message) {
    std::size_t sent = 0;
    while (sent < message.size()) {
        const auto [error, size] = co_await socket.async_write_some(
            asio::buffer(message.data() + sent, message.size() - sent), asio::as_tuple(asio::deferred));
        if (error) co_return error;
        sent += size;
    }
    co_return boost::system::error_code{};
}

/// Appends exactly `size` bytes: what follows belongs to the server behind the proxy.
asio::awaitable<boost::system::error_code> receive(tcp::socket& socket, std::size_t size,
                                                   std::string& answer) {
    std::array<char, 512> piece{};
    while (size > 0) {
        const auto [error, got] = co_await socket.async_read_some(
            asio::buffer(piece.data(), std::min(size, piece.size())), asio::as_tuple(asio::deferred));
        if (error) co_return error;
        answer.append(piece.data(), got);
        size -= got;
    }
    co_return boost::system::error_code{};
}

Socks5Result refused(std::string clause) {
    return {.error = {}, .refusal = std::move(clause)};
}

asio::awaitable<Socks5Result> authenticate(tcp::socket& socket, const Proxy& proxy) {
    boost::system::error_code error = co_await send_all(socket, greeting(proxy));
    std::string answer;
    if (!error) error = co_await receive(socket, 2, answer);
    if (error) co_return Socks5Result{error, {}};
    if (answer[0] != version) co_return refused("with something that is no SOCKS5");
    if (answer[1] == no_authentication) co_return Socks5Result{};
    if (answer[1] != user_and_password || proxy.user.empty())
        co_return refused("that it wants another way of authentication");
    error = co_await send_all(socket, login(proxy));
    answer.clear();
    if (!error) error = co_await receive(socket, 2, answer);
    if (error) co_return Socks5Result{error, {}};
    if (answer[1] != 0) co_return refused("that user and password are wrong");
    co_return Socks5Result{};
}

/// The size of the address that a reply ends with, its port included; its first byte may be a length.
std::size_t rest_of_reply(const std::string& head) {
    constexpr std::size_t port_size = 2;
    switch (head[3]) {
        case ipv4:
            return 4 + port_size - 1;
        case ipv6:
            return 16 + port_size - 1;
        case name:
            return byte_at(head, 4) + port_size;
        default:
            return 0;
    }
}

}  // namespace

std::string_view socks5_reply_text(std::uint8_t code) {
    constexpr std::array<std::string_view, 9> texts{
        "succeeded",           "general failure",       "connection not allowed by its rules",
        "network unreachable", "host unreachable",      "connection refused",
        "TTL expired",         "command not supported", "address type not supported"};
    return code < texts.size() ? texts[code] : "unknown reply";
}

std::string socks5_connect_request(const std::string& host, std::uint16_t port) {
    std::string request{version, 1, 0};
    boost::system::error_code no_address;
    const asio::ip::address address = asio::ip::make_address(host, no_address);
    const auto add = [&request](char type, const auto& bytes) {
        request += type;
        for (const auto byte : bytes) request += static_cast<char>(byte);
    };
    if (no_address) {
        if (host.size() > longest_name) return {};
        request += name;
        request += static_cast<char>(host.size());
        request += host;
    } else if (address.is_v4()) {
        add(ipv4, address.to_v4().to_bytes());
    } else {
        add(ipv6, address.to_v6().to_bytes());
    }
    request += static_cast<char>(port >> 8);
    request += static_cast<char>(port & 0xff);
    return request;
}

asio::awaitable<Socks5Result> open_socks5_tunnel(tcp::socket& socket, const Proxy& proxy,
                                                 const std::string& host, std::uint16_t port) {
    const std::string request = socks5_connect_request(host, port);
    if (request.empty()) co_return refused("nothing, for the server's name is too long for it");
    Socks5Result result = co_await authenticate(socket, proxy);
    if (!result.ok()) co_return result;
    result.error = co_await send_all(socket, request);
    std::string head;
    if (!result.error) result.error = co_await receive(socket, 2, head);
    if (result.error) co_return result;
    if (head[0] != version) co_return refused("with something that is no SOCKS5");
    if (head[1] != 0) co_return refused(std::string(socks5_reply_text(byte_at(head, 1))));
    result.error = co_await receive(socket, 3, head);
    if (result.error) co_return result;
    const std::size_t rest = rest_of_reply(head);
    if (rest == 0) co_return refused("with something that is no SOCKS5");
    result.error = co_await receive(socket, rest, head);
    co_return result;
}

}  // namespace milo_perf::http
