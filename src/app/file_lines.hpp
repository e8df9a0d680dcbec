#pragma once

#include <string>
#include <string_view>

namespace milo_perf::app {

/// A file as lines of text, `milo-perf-file NAME BASE64`, whose joined parts are its gzip. A pod whose
/// ConfigMap could not be written prints its files so, since its log is all that outlives it; `perf-run`
/// makes files of them again.
std::string file_lines(std::string_view name, std::string_view bytes);

}  // namespace milo_perf::app
