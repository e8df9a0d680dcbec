#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "http/endpoint.hpp"
#include "kube/environment.hpp"

namespace milo_perf::kube {

/// Reads a proxy's URL: http://, https://, socks5:// or socks5h://, with a user and password if need be.
/// Throws UserError that names `origin` (a field or a variable), never the URL, which can hold a password.
http::Proxy parse_proxy_url(std::string_view url, std::string_view origin);

/// The proxy that HTTPS_PROXY or HTTP_PROXY (or their lower-case forms) name for a server, unless NO_PROXY
/// exempts it, by the rules of Go's golang.org/x/net/http/httpproxy: a loopback server never has one.
/// Throws UserError for a proxy that cannot be used.
std::optional<http::Proxy> proxy_from_environment(const Environment& environment, std::string_view host,
                                                  std::uint16_t port, bool tls);

/// True when NO_PROXY's value `no_proxy` exempts the server, or it is a loopback one.
bool bypasses_proxy(std::string_view no_proxy, std::string_view host, std::uint16_t port);

}  // namespace milo_perf::kube
