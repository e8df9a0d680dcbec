#include "base/url_text.hpp"

#include <algorithm>

namespace milo_perf {

std::string shown_url(std::string_view url) {
    const std::size_t scheme = url.find("://");
    const std::size_t authority = scheme == std::string_view::npos ? 0 : scheme + 3;
    const std::size_t path = std::min(url.find('/', authority), url.size());
    // A password may hold an '@', and should not hold a '/', '?' or '#', but may all the same.
    std::size_t at = url.substr(0, path).rfind('@');
    if (at == std::string_view::npos || at < authority) at = url.rfind('@');
    if (at == std::string_view::npos || at < authority) return std::string(url);
    return std::string(url.substr(0, authority)).append("[redacted]").append(url.substr(at));
}

}  // namespace milo_perf
