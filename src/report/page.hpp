#pragma once

#include <string>
#include <string_view>

namespace milo_perf::report {

/// The whole document around a body: the policy that allows nothing but the embedded script and style, both
/// by their hashes, then style, body and, at the end, scripts. `title` is escaped, `body` is HTML.
std::string page(std::string_view title, const std::string& body);

}  // namespace milo_perf::report
