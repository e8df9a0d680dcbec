#pragma once

#include <string>
#include <string_view>

namespace milo_perf::metrics::test {

/// Holds a text against the rules of OpenMetrics 1.0 as far as milo-perf's families need them: metadata
/// before samples, no interleaving, suffixes by type, units in names, escapes, unique label names, monotonic
/// buckets with +Inf equal to the count, `# EOF` last. Empty when it keeps them, else what is broken.
std::string openmetrics_problem(std::string_view text);

}  // namespace milo_perf::metrics::test
