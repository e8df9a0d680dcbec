#pragma once

#include <optional>
#include <string>
#include <vector>

#include "results/model.hpp"
#include "stats/client_monitor.hpp"
#include "stats/histogram.hpp"
#include "stats/recorder.hpp"

/// From what was recorded to what the results hold.
namespace milo_perf::results {

/// Figures of a histogram and its encoding; figures are null and the encoding is empty without data.
Distribution distribution(const stats::Histogram& histogram);

/// All series with at least one operation, attempt or dropped send, in the order of their creation.
/// `operations` are the finished ones.
std::vector<RequestSeries> request_series(const stats::Recorder& recorder);

std::vector<TimelinePoint> timeline(const stats::Timeline& timeline);

/// Fills the judgement (shares, event_loop_lag, limit) and peak_in_flight; the rest of `client` stays.
void fill_client(Client& client, const stats::ClientMonitor& monitor, const stats::Recorder& recorder);

/// One sentence for the reader of a run whose client was saturated or starved: how long, by what, and what to
/// do. Empty when it was neither.
std::optional<std::string> client_warning(const Client& client);

/// One sentence for each snapshot that lacks figures: how many, and why the first of them is missing. One
/// more when the baseline's CPU tells that something else was running then.
std::vector<std::string> snapshot_warnings(const Metrics& metrics);

}  // namespace milo_perf::results
