#include "http/endpoint.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace milo_perf::http {

std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string base_url(const Endpoint& endpoint) {
    return fmt::format("{}://{}:{}{}", endpoint.tls ? "https" : "http", bracketed(endpoint.host),
                       endpoint.port, endpoint.path_prefix);
}

bool is_field_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](unsigned char c) { return (c < ' ' && c != '\t') || c == 0x7f; });
}

}  // namespace milo_perf::http
