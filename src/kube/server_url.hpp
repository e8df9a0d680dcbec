#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace milo_perf::kube {

/// The parts of an http or https URL that lead to a server.
struct ServerUrl {
    bool tls = false;
    /// Without brackets for IPv6.
    std::string host;
    /// The scheme's when the URL has none.
    std::uint16_t port = 0;
    /// Without a slash at its end; as encoded in the URL.
    std::string path;
    /// Decoded; secrets.
    std::string user;
    std::string password;
    bool has_user = false;
    bool has_query_or_fragment = false;
};

/// What reading a URL gave: the parts, or a clause on why there are none, which never repeats the URL.
struct ParsedServerUrl {
    std::optional<ServerUrl> url;
    std::string problem;
};

/// Reads an absolute URL with the scheme http or https.
ParsedServerUrl parse_server_url(std::string_view text);

}  // namespace milo_perf::kube
