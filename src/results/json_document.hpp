#pragma once

#include <boost/json/value.hpp>
#include <string_view>

namespace milo_perf::results {

/// A whole JSON text. Throws UserError with one sentence when it is too large, too deep, empty or no JSON.
boost::json::value parse_document(std::string_view text, std::string_view source_name);

}  // namespace milo_perf::results
