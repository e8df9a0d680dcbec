#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace milo_perf::http {

/// How a TLS connection is set up. PEM texts, not paths: files are the caller's business.
struct TlsOptions {
    /// False skips verification of the certificate and of the host name.
    bool verify = true;
    /// Trusted CAs; empty: the system's.
    std::string ca_pem;
    /// Name for SNI and verification; empty: the endpoint's host.
    std::string server_name;
    std::string client_certificate_pem;
    std::string client_key_pem;
};

/// A proxy. An HTTP one: CONNECT for https endpoints, absolute-form requests for http ones (RFC 9112, 3.2.2).
/// A SOCKS5 one (RFC 1928), which looks names up itself.
struct Proxy {
    std::string host;
    std::uint16_t port = 0;
    bool tls = false;
    bool socks5 = false;
    /// Value of an HTTP proxy's Proxy-Authorization; empty: none. A secret.
    std::string authorization;
    /// Of a SOCKS5 proxy (RFC 1929), 255 bytes each at most; empty: none. The password is a secret.
    std::string user;
    std::string password;
};

/// A server: where it is and how to speak to it. `host` has no brackets for IPv6.
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
    bool tls = false;
    TlsOptions tls_options;
    std::optional<Proxy> proxy;
    /// Prefix of every request's path, without a slash at its end; empty for none.
    std::string path_prefix;
    /// Further header fields of every request, each ended by CRLF. May hold secrets.
    std::string header_fields;
};

/// True when `text` may be the value of a header field (RFC 9110, 5.5): no line break or other control
/// character but the tab.
bool is_field_value(std::string_view text);

/// A host as URLs and Host fields have it: brackets around an IPv6 address (RFC 3986, 3.2.2).
std::string bracketed(const std::string& host);

/// The endpoint as a URL, with its port and path prefix and without credentials.
std::string base_url(const Endpoint& endpoint);

/// Limits of a client; each request is bounded by them.
struct Limits {
    std::size_t max_connections = 64;
    Duration connect_timeout = std::chrono::seconds(10);
    /// From asking for a connection to the end of the answer.
    Duration request_timeout = std::chrono::seconds(60);
    /// Largest answer head (RFC 9112 has no limit; nginx and Go take 1 MiB at most).
    std::size_t max_header_bytes = 64 * 1024;
    /// Largest collected body; a discarded one is bounded by the same figure.
    std::size_t max_body_bytes = 64 * 1024 * 1024;
    /// An idle connection is closed after this time; below the 90 s and more of usual servers.
    Duration idle_timeout = std::chrono::seconds(60);
};

}  // namespace milo_perf::http
