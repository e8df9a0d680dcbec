#pragma once

#include <cstdint>
#include <string_view>

#include "results/derived.hpp"
#include "results/model.hpp"

/// Figures of the create requests of one resource, over all phases in which it was created.
namespace milo_perf::results {

inline constexpr std::string_view every_resource;

/// Operations that succeeded; 0 where a file claims more failures than operations.
inline std::uint64_t succeeded(const RequestSeries& series) {
    return series.operations > series.operations_failed ? series.operations - series.operations_failed : 0;
}

/// Latency of operations; from the merged histograms when there are several series. 100 is the maximum.
Derived create_percentile(const Run& run, std::string_view resource, double percent);
/// Successful creates per second between the first start and the last end.
Derived create_throughput(const Run& run, std::string_view resource);
/// Operations that failed after all retries.
Derived create_errors(const Run& run, std::string_view resource);
Derived create_error_rate(const Run& run, std::string_view resource);
/// Retries of all creates.
Derived create_retries(const Run& run);
/// Sum of late or dropped sends over all creates; missing in closed loop, which plans no sends.
Derived open_loop_sends(const Run& run, std::uint64_t RequestSeries::*member);

}  // namespace milo_perf::results
