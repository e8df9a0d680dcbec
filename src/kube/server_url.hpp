#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace milo_perf::kube {

/// The parts of a URL that lead to a server.
struct ServerUrl {
    /// In small letters.
    std::string scheme;
    bool tls = false;
    /// Without brackets for IPv6.
    std::string host;
    /// The scheme's when the URL has none: 443, 80, or 1080 for SOCKS.
    std::uint16_t port = 0;
    /// Without a slash at its end; as encoded in the URL.
    std::string path;
    /// Decoded; secrets.
    std::string user;
    std::string password;
    bool has_user = false;
    /// True for a query or a fragment, which are left out.
    bool has_query_or_fragment = false;
};

/// What reading a URL gave: the parts, or a clause on why there are none, which never repeats the URL.
struct ParsedServerUrl {
    std::optional<ServerUrl> url;
    std::string problem;
};

/// Reads an absolute URL with the scheme http or https.
ParsedServerUrl parse_server_url(std::string_view text);

/// Reads an absolute URL with one of these schemes, in small letters.
ParsedServerUrl parse_url(std::string_view text, std::initializer_list<std::string_view> schemes);

}  // namespace milo_perf::kube
