#include "kube/server_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace milo_perf::kube {

namespace {

/// As Go, which takes blanks and the like in a path: what no URL may hold there is percent-encoded.
std::string with_encoded_path(std::string_view text) {
    const std::size_t authority = text.find("://");
    const std::size_t path =
        authority == std::string_view::npos ? text.size() : text.find_first_of("/?#", authority + 3);
    if (path >= text.size()) return std::string(text);
    std::string encoded(text.substr(0, path));
    constexpr std::string_view refused = "\"<>\\^`{|}";
    for (const char c : text.substr(path)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte <= ' ' || byte >= 0x7f || refused.find(c) != std::string_view::npos)
            encoded += fmt::format("%{:02X}", byte);
        else
            encoded += c;
    }
    return encoded;
}

std::uint16_t usual_port(std::string_view scheme) {
    if (scheme == "https") return 443;
    return scheme == "http" ? 80 : 1080;
}

bool may_be_in_a_host(unsigned char c) {
    return c > ' ' && c != 0x7f &&
           std::string_view("\"<>/\\?#@").find(static_cast<char>(c)) == std::string_view::npos;
}

}  // namespace

ParsedServerUrl parse_url(std::string_view given, std::initializer_list<std::string_view> schemes) {
    const std::string text = with_encoded_path(given);
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed) return {std::nullopt, "it is no URL such as https://host:port"};
    const boost::urls::url_view& view = *parsed;
    ServerUrl url;
    url.scheme.assign(view.scheme().data(), view.scheme().size());
    for (char& c : url.scheme)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (std::find(schemes.begin(), schemes.end(), url.scheme) == schemes.end())
        return {std::nullopt, fmt::format("its scheme is '{}' and only {} are supported", url.scheme,
                                          fmt::join(schemes, ", "))};
    url.tls = url.scheme == "https";
    url.host = view.host_address();
    if (url.host.empty()) return {std::nullopt, "it names no host"};
    // Escapes are decoded by now; as Go, which refuses them in a host.
    if (!std::all_of(url.host.begin(), url.host.end(), may_be_in_a_host))
        return {std::nullopt, "its host holds a character that no host may hold"};
    const auto port = view.port();
    url.port = usual_port(url.scheme);
    if (!port.empty()) {
        // Boost.URL's own number wraps round above 65535.
        const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), url.port);
        if (error != std::errc{} || end != port.data() + port.size()) url.port = 0;
    }
    if (url.port == 0) return {std::nullopt, "its port is not between 1 and 65535"};
    const auto path = view.encoded_path();
    url.path.assign(path.data(), path.size());
    while (!url.path.empty() && url.path.back() == '/') url.path.pop_back();
    url.has_user = view.has_userinfo();
    url.user = view.user();
    url.password = view.password();
    url.has_query_or_fragment = view.has_query() || view.has_fragment();
    return {std::move(url), {}};
}

ParsedServerUrl parse_server_url(std::string_view text) {
    return parse_url(text, {"http", "https"});
}

}  // namespace milo_perf::kube
