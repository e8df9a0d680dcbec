#include "http/endpoint.hpp"

#include <fmt/format.h>

namespace milo_perf::http {

std::string bracketed(const std::string& host) {
    return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string base_url(const Endpoint& endpoint) {
    return fmt::format("{}://{}:{}{}", endpoint.tls ? "https" : "http", bracketed(endpoint.host),
                       endpoint.port, endpoint.path_prefix);
}

}  // namespace milo_perf::http
