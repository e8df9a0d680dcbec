#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "results/model.hpp"

/// The model of a sweep: exactly what `sweep.json` holds, in the ways of results.json.
namespace milo_perf::results {

/// One measurement at one value. What a kind of sweep does not measure is null.
struct SweepStep {
    double value = 0;
    std::uint64_t repeat = 1;
    /// `given`, or `halving`: between two given values, in search of the knee.
    std::string purpose;
    std::string started_at;
    double offset_seconds = 0;
    /// Load sweeps: creates per second that were planned (open loop), or requests in flight (closed loop).
    std::optional<double> offered_per_second;
    std::optional<std::uint64_t> in_flight;
    std::optional<double> hold_seconds;
    /// Creates that were due in the hold; of those, failed, and never sent or answered.
    std::uint64_t creates = 0;
    std::uint64_t creates_failed = 0;
    std::uint64_t creates_unfinished = 0;
    std::uint64_t late_sends = 0;
    std::uint64_t retries = 0;
    /// Share of the due creates that failed or were not finished.
    std::optional<double> error_rate;
    /// Successful creates that ended in the hold, per second of it.
    std::optional<double> throughput_per_second;
    /// Of the creates that were due in the hold, from the planned start.
    Distribution latency;
    std::optional<double> limit_value;
    std::optional<bool> keeps_limit;
    /// Load sweeps: CPU and memory over the hold.
    std::optional<Snapshot> load;
    /// Sweeps over NUM_PROJECTS: at rest, before and with the Projects.
    std::optional<Snapshot> baseline;
    std::optional<Snapshot> after_projects;
    std::optional<double> projects_ready_seconds;
    /// Folder of the run, within the sweep's.
    std::optional<std::string> run_folder;
    std::optional<double> client_cpu_share;
    /// `none`, `saturated` or `starved`, as in a run's results.
    std::string client_limit = "none";
    /// Why it is not as it should be; null when it is.
    std::optional<std::string> problem;
};
BOOST_DESCRIBE_STRUCT(SweepStep, (),
                      (value, repeat, purpose, started_at, offset_seconds, offered_per_second, in_flight,
                       hold_seconds, creates, creates_failed, creates_unfinished, late_sends, retries,
                       error_rate, throughput_per_second, latency, limit_value, keeps_limit, load, baseline,
                       after_projects, projects_ready_seconds, run_folder, client_cpu_share, client_limit,
                       problem))

/// One figure over the repeats of a value.
struct Spread {
    std::optional<double> median;
    std::optional<double> least;
    std::optional<double> most;
    std::uint64_t repeats = 0;
};
BOOST_DESCRIBE_STRUCT(Spread, (), (median, least, most, repeats))

/// All repeats of one value.
struct SweepPoint {
    double value = 0;
    std::uint64_t repeats = 0;
    Spread throughput_per_second;
    Spread p50_seconds;
    Spread p99_seconds;
    Spread error_rate;
    /// Over the hold; of a sweep over NUM_PROJECTS, what the Projects added.
    Spread apiserver_cpu_cores;
    Spread apiserver_mem_bytes;
    Spread etcd_cpu_cores;
    Spread etcd_mem_bytes;
    Spread projects_ready_seconds;
    /// More than half of the repeats keep the limit; null without one.
    std::optional<bool> keeps_limit;
};
BOOST_DESCRIBE_STRUCT(SweepPoint, (),
                      (value, repeats, throughput_per_second, p50_seconds, p99_seconds, error_rate,
                       apiserver_cpu_cores, apiserver_mem_bytes, etcd_cpu_cores, etcd_mem_bytes,
                       projects_ready_seconds, keeps_limit))

/// The highest throughput that keeps the limit (without a limit: the highest).
struct SweepKnee {
    std::optional<double> value;
    std::optional<double> throughput_per_second;
    std::optional<double> last_kept;
    std::optional<double> first_missed;
    /// `found`, `above_all`, `below_all`, `no_limit`, `unfinished`.
    std::string conclusion;
    /// One sentence for people.
    std::string verdict;
};
BOOST_DESCRIBE_STRUCT(SweepKnee, (),
                      (value, throughput_per_second, last_kept, first_missed, conclusion, verdict))

/// What one more Project costs: the slope of a figure over the number of Projects.
struct SweepSlope {
    /// `apiserver_mem_bytes`, …
    std::string figure;
    std::uint64_t points = 0;
    std::optional<double> per_project;
    /// 95 % confidence interval of it.
    std::optional<double> low;
    std::optional<double> high;
    std::optional<double> r_squared;
    /// How it was found, or why there is none.
    std::string method;
};
BOOST_DESCRIBE_STRUCT(SweepSlope, (), (figure, points, per_project, low, high, r_squared, method))

/// A whole sweep.
struct Sweep {
    std::string test_id;
    std::string timestamp;
    std::string org_name;
    int schema_version = 1;
    Outcome outcome = Outcome::unknown;
    std::optional<std::string> reason;
    std::optional<double> duration_seconds;
    /// The knob that was varied, and the values that were asked for.
    std::string knob;
    std::vector<double> values;
    std::uint64_t repeats = 1;
    std::optional<double> warmup_seconds;
    std::optional<double> hold_seconds;
    double settle_seconds = 0;
    std::optional<std::string> limit;
    std::string load_model;
    std::map<std::string, std::string> settings;
    Environment environment;
    std::vector<SweepPoint> points;
    std::optional<SweepKnee> knee;
    std::vector<SweepSlope> slopes;
    std::vector<SweepStep> steps;
    std::vector<std::string> warnings;
};
BOOST_DESCRIBE_STRUCT(Sweep, (),
                      (test_id, timestamp, org_name, schema_version, outcome, reason, duration_seconds, knob,
                       values, repeats, warmup_seconds, hold_seconds, settle_seconds, limit, load_model,
                       settings, environment, points, knee, slopes, steps, warnings))

}  // namespace milo_perf::results
