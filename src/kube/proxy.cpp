#include "kube/proxy.hpp"

#include <fmt/format.h>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>
#include <string>

#include "base/error.hpp"
#include "kube/credentials.hpp"
#include "kube/server_url.hpp"
#include "kube/text_file.hpp"

namespace milo_perf::kube {
namespace {

namespace ip = boost::asio::ip;

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::optional<ip::address> parse_address(std::string_view text) {
    boost::system::error_code error;
    const ip::address address = ip::make_address(std::string(text), error);
    if (error) return std::nullopt;
    if (address.is_v6() && address.to_v6().is_v4_mapped())
        return ip::address(ip::make_address_v4(ip::v4_mapped, address.to_v6()));
    return address;
}

template <class Network, class Address>
bool holds(const Network& network, const Address& address) {
    return Network(address, network.prefix_length()).canonical() == network.canonical();
}

/// Whether `entry` is a CIDR block; `match` tells whether `address` is in it.
bool is_block(const std::string& entry, const std::optional<ip::address>& address, bool& match) {
    boost::system::error_code error;
    const auto v4 = ip::make_network_v4(entry, error);
    if (!error) {
        match = address && address->is_v4() && holds(v4, address->to_v4());
        return true;
    }
    const auto v6 = ip::make_network_v6(entry, error);
    if (error) return false;
    match = address && address->is_v6() && holds(v6, address->to_v6());
    return true;
}

struct HostPort {
    std::string_view host;
    std::string_view port;
};

/// Splits "host:port", "[v6]:port" and bare forms, as Go's net.SplitHostPort and its callers do.
HostPort split_host_port(std::string_view entry) {
    if (entry.starts_with('[')) {
        const std::size_t close = entry.find(']');
        if (close == std::string_view::npos) return {entry, {}};
        const std::string_view rest = entry.substr(close + 1);
        return {entry.substr(1, close - 1), rest.starts_with(':') ? rest.substr(1) : std::string_view()};
    }
    const std::size_t colon = entry.find(':');
    if (colon == std::string_view::npos || entry.find(':', colon + 1) != std::string_view::npos)
        return {entry, {}};
    return {entry.substr(0, colon), entry.substr(colon + 1)};
}

bool domain_matches(std::string_view pattern, std::string_view host) {
    if (pattern.starts_with("*.")) pattern.remove_prefix(1);
    if (pattern.starts_with('.')) return host.ends_with(pattern);
    if (host == pattern) return true;
    return host.size() > pattern.size() && host.ends_with(pattern) &&
           host[host.size() - pattern.size() - 1] == '.';
}

bool entry_matches(const std::string& entry, std::string_view host, const std::optional<ip::address>& address,
                   std::string_view port) {
    if (entry == "*") return true;
    bool in_block = false;
    if (is_block(entry, address, in_block)) return in_block;
    const HostPort wanted = split_host_port(entry);
    if (wanted.host.empty() || (!wanted.port.empty() && wanted.port != port)) return false;
    if (const auto wanted_address = parse_address(wanted.host)) return address && *address == *wanted_address;
    return domain_matches(wanted.host, host);
}

std::string_view first_set(const Environment& environment, std::string_view upper,
                           std::string_view lower_case) {
    const std::string_view value = variable(environment, upper);
    return value.empty() ? variable(environment, lower_case) : value;
}

}  // namespace

bool bypasses_proxy(std::string_view no_proxy, std::string_view host_text, std::uint16_t port) {
    const std::string host = lower(trimmed(host_text));
    const auto address = parse_address(host);
    if (host == "localhost" || (address && address->is_loopback())) return true;
    const std::string port_text = fmt::format("{}", port);
    while (!no_proxy.empty()) {
        const std::size_t comma = no_proxy.find(',');
        const std::string entry = lower(trimmed(no_proxy.substr(0, comma)));
        no_proxy = comma == std::string_view::npos ? std::string_view() : no_proxy.substr(comma + 1);
        if (!entry.empty() && entry_matches(entry, host, address, port_text)) return true;
    }
    return false;
}

http::Proxy parse_proxy_url(std::string_view url, std::string_view origin) {
    const ParsedServerUrl parsed = parse_url(url, {"http", "https", "socks5", "socks5h"});
    if (!parsed.url)
        throw UserError(
            fmt::format("The proxy in {} cannot be used, for {}: name it as http://host:port or "
                        "socks5://host:port there.",
                        origin, parsed.problem));
    const ServerUrl& from = *parsed.url;
    http::Proxy proxy;
    proxy.host = from.host;
    proxy.port = from.port;
    proxy.tls = from.tls;
    proxy.socks5 = from.scheme.starts_with("socks");
    if (!from.has_user) return proxy;
    if (!proxy.socks5) {
        proxy.authorization = basic_authorization(from.user, from.password);
        return proxy;
    }
    // Their lengths are one byte each (RFC 1929).
    constexpr std::size_t longest = 255;
    if (from.user.empty() || from.user.size() > longest || from.password.size() > longest)
        throw UserError(fmt::format(
            "The proxy in {} cannot be used, for the user or the password of a SOCKS5 proxy has 1 to {} "
            "bytes: correct it there.",
            origin, longest));
    proxy.user = from.user;
    proxy.password = from.password;
    return proxy;
}

std::optional<http::Proxy> proxy_from_environment(const Environment& environment, std::string_view host,
                                                  std::uint16_t port, bool tls) {
    const std::string_view upper = tls ? "HTTPS_PROXY" : "HTTP_PROXY";
    const std::string_view value = first_set(environment, upper, tls ? "https_proxy" : "http_proxy");
    if (value.empty()) return std::nullopt;
    if (bypasses_proxy(first_set(environment, "NO_PROXY", "no_proxy"), host, port)) return std::nullopt;
    const bool has_scheme = value.find("://") != std::string_view::npos;
    return parse_proxy_url(has_scheme ? std::string(value) : fmt::format("http://{}", value), upper);
}

}  // namespace milo_perf::kube
