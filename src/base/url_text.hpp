#pragma once

#include <string>
#include <string_view>

namespace milo_perf {

/// A URL as it may be shown: `[redacted]` stands for a user and password, whether or not it is well-formed.
std::string shown_url(std::string_view url);

}  // namespace milo_perf
