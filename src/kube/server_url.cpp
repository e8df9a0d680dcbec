#include "kube/server_url.hpp"

#include <fmt/format.h>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>

namespace milo_perf::kube {

ParsedServerUrl parse_server_url(std::string_view text) {
    const auto parsed = boost::urls::parse_uri(boost::core::string_view(text.data(), text.size()));
    if (!parsed) return {std::nullopt, "it is no URL such as https://host:port"};
    const boost::urls::url_view& view = *parsed;
    if (view.scheme_id() != boost::urls::scheme::http && view.scheme_id() != boost::urls::scheme::https)
        return {std::nullopt, fmt::format("its scheme is '{}' and only http and https are supported",
                                          std::string_view(view.scheme().data(), view.scheme().size()))};
    ServerUrl url;
    url.tls = view.scheme_id() == boost::urls::scheme::https;
    url.host = view.host_address();
    if (url.host.empty()) return {std::nullopt, "it names no host"};
    const auto port = view.port();
    url.port = url.tls ? 443 : 80;
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

}  // namespace milo_perf::kube
