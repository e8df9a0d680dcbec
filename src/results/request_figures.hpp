#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "results/derived.hpp"
#include "results/model.hpp"
#include "stats/verb.hpp"

/// Figures of requests: of one verb on one resource, and of the whole load.
namespace milo_perf::results {

/// One verb on one resource, over all phases of a run.
struct Requests {
    std::string resource;
    stats::Verb verb = stats::Verb::create;

    friend bool operator==(const Requests&, const Requests&) = default;
};

/// Whether a series is part of what is measured. Creates always are: files of earlier versions do not say.
bool is_load(const RequestSeries& series);

/// What a run's load consists of, in the order of its series.
std::vector<Requests> load_of(const Run& run);

/// Operations that succeeded; 0 where a file claims more failures than operations.
inline std::uint64_t succeeded(const RequestSeries& series) {
    return series.operations > series.operations_failed ? series.operations - series.operations_failed : 0;
}

/// Latency of operations; from the merged histograms when there are several series. 100 is the maximum.
Derived latency_percentile(const Run& run, const Requests& requests, double percent);
/// Successful operations per second between the first start and the last end.
Derived throughput(const Run& run, const Requests& requests);
/// Operations that failed after all retries.
Derived errors(const Run& run, const Requests& requests);
Derived error_rate(const Run& run, const Requests& requests);

/// The same of the whole load.
Derived errors(const Run& run);
Derived error_rate(const Run& run);
/// Failed attempts / attempts: what retries have hidden.
Derived attempt_error_rate(const Run& run);
Derived load_retries(const Run& run);
/// Sum of late or dropped sends; missing in closed loop, which plans no sends.
Derived open_loop_sends(const Run& run, std::uint64_t RequestSeries::*member);

/// `latency` of `operations`, of which `failed` are taken to have lasted longer than all others: a server
/// that refuses is not a fast one. A percentile that falls among them is empty. As the histogram does not
/// tell which of its values are failed operations, the others' percentiles are upper bounds.
Distribution with_failures_last(const Distribution& latency, std::uint64_t operations, std::uint64_t failed);

}  // namespace milo_perf::results
