#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/client.hpp"
#include "metrics/queries.hpp"

namespace milo_perf::metrics {

/// One thing that was looked at before a run.
struct SeriesCheck {
    /// E.g. "VictoriaMetrics", "Milo apiserver CPU".
    std::string subject;
    bool ok = false;
    /// What was found; when not ok, what to do about it.
    std::string message;
};

/// Whether VictoriaMetrics answers, whether its clock is this machine's, whether the series of the snapshots
/// exist, and which pods they are of. Without an answer only the first check is there.
boost::asio::awaitable<std::vector<SeriesCheck>> check_series(VictoriaMetrics& server, const Source& source);

/// Clocks that differ by more are told, in seconds.
inline constexpr double most_clock_skew_seconds = 5;

/// A sentence on how far the clock of `whose` ("VictoriaMetrics") is from this machine's; empty when it is
/// within most_clock_skew_seconds. `skew_seconds` is theirs minus ours.
std::string clock_skew_sentence(std::string_view whose, double skew_seconds);

/// What a pod is named after: its name without what Deployments, StatefulSets, Jobs and nodes' numbers add,
/// e.g. "etcd" of "etcd-0", "milo-apiserver" of "milo-apiserver-7d9f8b6c5d-x2x4z".
std::string workload_name(std::string_view pod);

/// A sentence when `pods` are of more than one workload, as when etcd-backup matches beside etcd; else empty.
/// `regex_knob` names the knob that chose them.
std::string several_workloads_sentence(const std::vector<std::string>& pods, std::string_view regex_knob);

}  // namespace milo_perf::metrics
