#pragma once

#include <boost/describe/class.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// The model of a run: exactly what `results.json` holds. Member names are the JSON keys; an empty optional
/// is `null`. Times of day are ISO 8601 in UTC; offsets and durations are seconds, offsets from the start of
/// the run. The keys of the first group of `Run` and of `Metrics` are those of the runner that milo-perf
/// replaces; consumers read them, so neither names, types nor units change.
namespace milo_perf::results {

/// How a run or a sweep ended; `stopped` is a sweep whose server failed.
enum class Outcome { unknown, completed, failed, interrupted, stopped };

using Counts = std::map<std::string, std::uint64_t>;

/// How one figure of a snapshot came about.
struct Evidence {
    /// Samples in the window, over all series that were summed.
    std::optional<std::uint64_t> samples;
    /// Age of the newest sample at the evaluation time.
    std::optional<double> newest_sample_age_seconds;
    /// The label set that matched, e.g. `pod,container!=""`.
    std::optional<std::string> label_variant;
    /// Why the figure is missing; null when it is there.
    std::optional<std::string> reason;
    /// What limits a figure that is there, e.g. that the newest samples did not arrive in time.
    std::optional<std::string> note;
};
BOOST_DESCRIBE_STRUCT(Evidence, (), (samples, newest_sample_age_seconds, label_variant, reason, note))

/// CPU and memory of both components over one window.
struct Snapshot {
    std::optional<double> apiserver_cpu_cores;
    std::optional<double> apiserver_mem_bytes;
    std::optional<double> etcd_cpu_cores;
    std::optional<double> etcd_mem_bytes;
    /// End of the window.
    std::string evaluated_at;
    double offset_seconds = 0;
    double window_seconds = 0;
    /// True when requests of this run fall into the window: the figure is then no figure at rest.
    bool window_reaches_into_load = false;
    /// By figure, e.g. `apiserver_cpu_cores`.
    std::map<std::string, Evidence> evidence;
};
BOOST_DESCRIBE_STRUCT(Snapshot, (),
                      (apiserver_cpu_cores, apiserver_mem_bytes, etcd_cpu_cores, etcd_mem_bytes, evaluated_at,
                       offset_seconds, window_seconds, window_reaches_into_load, evidence))

/// The three snapshots; null when the run did not get there (or has no objects phase).
struct Metrics {
    std::optional<Snapshot> baseline;
    std::optional<Snapshot> after_projects;
    std::optional<Snapshot> after_secrets;
};
BOOST_DESCRIBE_STRUCT(Metrics, (), (baseline, after_projects, after_secrets))

/// A distribution of durations. `histogram` is the HdrHistogram V2 compressed encoding in base64, values in
/// nanoseconds, 3 significant digits from 1 µs to 1 h: it can be decoded and merged.
struct Distribution {
    std::uint64_t count = 0;
    std::optional<double> min_seconds;
    std::optional<double> mean_seconds;
    std::optional<double> p50_seconds;
    std::optional<double> p90_seconds;
    std::optional<double> p99_seconds;
    std::optional<double> p99_9_seconds;
    std::optional<double> max_seconds;
    std::string histogram;
};
BOOST_DESCRIBE_STRUCT(Distribution, (),
                      (count, min_seconds, mean_seconds, p50_seconds, p90_seconds, p99_seconds, p99_9_seconds,
                       max_seconds, histogram))

/// All requests of one phase, verb and resource. An operation is what the run wanted (one object created);
/// it takes one attempt, or several with retries.
struct RequestSeries {
    std::string phase;
    std::string verb;
    std::string resource;
    /// True for what is measured; false for what only supports a run: checks, look-ups, the watch of
    /// readiness.
    bool load = false;
    std::uint64_t operations = 0;
    std::uint64_t operations_failed = 0;
    /// Given up by the client itself, when it was interrupted; in none of the other counts.
    std::uint64_t operations_cancelled = 0;
    std::uint64_t attempts = 0;
    std::uint64_t attempts_failed = 0;
    /// Of the attempts; without a latency, a status or an error.
    std::uint64_t attempts_cancelled = 0;
    std::uint64_t retries = 0;
    /// Attempts by HTTP status ("201") and by error category without one ("reset", "timeout", …).
    Counts statuses;
    Counts errors;
    Counts retries_by_cause;
    /// Failed operations by the cause of their last attempt.
    Counts failures_by_cause;
    double backoff_seconds = 0;
    std::uint64_t connections_new = 0;
    std::uint64_t connections_reused = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
    /// Objects that lists returned.
    std::uint64_t items = 0;
    /// Open loop: operations sent more than 10 ms after their planned start, and never sent.
    std::uint64_t late_sends = 0;
    std::uint64_t dropped_sends = 0;
    /// Successful operations per second between first start and last end; null below two operations.
    std::optional<double> throughput_per_second;
    /// From the planned start to the end of the last attempt.
    Distribution operation_latency;
    /// From the first byte written (or connecting) to the end of the answer, each attempt by itself.
    Distribution attempt_latency;
    Distribution connection_wait;
    Distribution connect;
    Distribution time_to_first_byte;
    Distribution body;
};
BOOST_DESCRIBE_STRUCT(RequestSeries, (),
                      (phase, verb, resource, load, operations, operations_failed, operations_cancelled,
                       attempts, attempts_failed, attempts_cancelled, retries, statuses, errors,
                       retries_by_cause, failures_by_cause, backoff_seconds, connections_new,
                       connections_reused, bytes_sent, bytes_received, items, late_sends, dropped_sends,
                       throughput_per_second, operation_latency, attempt_latency, connection_wait, connect,
                       time_to_first_byte, body))

/// One interval of one phase. `in_flight` is the number of operations at the interval's end.
struct TimelinePoint {
    double offset_seconds = 0;
    double interval_seconds = 1;
    std::string phase;
    std::uint64_t started = 0;
    std::uint64_t finished = 0;
    std::uint64_t failed = 0;
    std::uint64_t in_flight = 0;
    std::optional<double> p50_seconds;
    std::optional<double> p99_seconds;
};
BOOST_DESCRIBE_STRUCT(TimelinePoint, (),
                      (offset_seconds, interval_seconds, phase, started, finished, failed, in_flight,
                       p50_seconds, p99_seconds))

/// One step of the run.
struct Phase {
    std::string name;
    std::string started_at;
    double offset_seconds = 0;
    std::optional<double> duration_seconds;
};
BOOST_DESCRIBE_STRUCT(Phase, (), (name, started_at, offset_seconds, duration_seconds))

/// What happened to one Project. Offsets from the start of the run.
struct Project {
    std::string name;
    /// `created`, `existing` (found with this run's label), `failed`, or `not_sent` (also when the run was
    /// ended before the answer).
    std::string create_outcome;
    std::optional<double> create_sent_offset_seconds;
    std::optional<double> create_acknowledged_offset_seconds;
    /// By the server's `lastTransitionTime` (whole seconds, the server's clock).
    std::optional<double> ready_by_server_offset_seconds;
    /// As seen on the watch.
    std::optional<double> ready_seen_offset_seconds;
    /// From create sent to Ready seen.
    std::optional<double> ready_seconds;
    /// The last reason of its Ready condition while it is not Ready, or why its create failed.
    std::optional<std::string> reason;
};
BOOST_DESCRIBE_STRUCT(Project, (),
                      (name, create_outcome, create_sent_offset_seconds, create_acknowledged_offset_seconds,
                       ready_by_server_offset_seconds, ready_seen_offset_seconds, ready_seconds, reason))

/// Readiness over all Projects.
struct Readiness {
    std::uint64_t projects = 0;
    std::uint64_t ready = 0;
    std::uint64_t never_ready = 0;
    /// Milo's service level for one Project (READY_SLO_SECONDS), and how many missed it.
    double slo_seconds = 60;
    std::uint64_t above_slo = 0;
    std::optional<double> above_slo_share;
    Distribution ready_seen;
    Distribution ready_by_server;
};
BOOST_DESCRIBE_STRUCT(Readiness, (),
                      (projects, ready, never_ready, slo_seconds, above_slo, above_slo_share, ready_seen,
                       ready_by_server))

/// What was wanted and what came of it, by resource.
struct ObjectCount {
    std::uint64_t requested = 0;
    std::uint64_t created = 0;
    /// Found already there with this run's label (a retry after a lost answer, or a resumed run).
    std::uint64_t existing = 0;
    std::uint64_t failed = 0;
};
BOOST_DESCRIBE_STRUCT(ObjectCount, (), (requested, created, existing, failed))

/// The client's judgement of itself.
struct Client {
    /// CPU time of the process from the run's begin, user and system.
    std::optional<double> cpu_seconds;
    /// CPU time over wall time of the load phases: 1 is one core fully used, the most one thread has.
    std::optional<double> cpu_share;
    std::optional<std::uint64_t> peak_memory_bytes;
    std::optional<std::uint64_t> peak_connections;
    std::optional<std::uint64_t> peak_in_flight;
    std::uint64_t connections_opened = 0;
    std::uint64_t tls_sessions_resumed = 0;
    /// Time it could have run but had no CPU, over wall time of the load phases; null where the kernel does
    /// not tell.
    std::optional<double> run_delay_share;
    /// How late timers fired: the event loop's own delay.
    Distribution event_loop_lag;
    /// Shares of the load phases' time in which the client was late by its own work, and for want of a CPU.
    std::optional<double> saturated_share;
    std::optional<double> starved_share;
    /// What limited the client: `none`, `saturated` (its own work) or `starved` (others had the CPU).
    std::string limit = "none";
};
BOOST_DESCRIBE_STRUCT(Client, (),
                      (cpu_seconds, cpu_share, peak_memory_bytes, peak_connections, peak_in_flight,
                       connections_opened, tls_sessions_resumed, run_delay_share, event_loop_lag,
                       saturated_share, starved_share, limit))

/// One threshold of the user.
struct Threshold {
    std::string expression;
    std::optional<double> value;
    double limit = 0;
    std::string unit;
    bool passed = false;
    /// One line: by how much it failed, or why there is no value.
    std::string verdict;
};
BOOST_DESCRIBE_STRUCT(Threshold, (), (expression, value, limit, unit, passed, verdict))

/// An event that explains figures of the report: a restart, a gap, a relist of the watch.
struct Event {
    double offset_seconds = 0;
    /// `apiserver`, `watch` or `victoriametrics`.
    std::string source;
    std::string message;
};
BOOST_DESCRIBE_STRUCT(Event, (), (offset_seconds, source, message))

/// One series that the sampler followed. `values[i]` belongs to `offsets_seconds[i]`; null is a gap.
struct SampledSeries {
    std::string name;
    std::string title;
    /// `cores`, `bytes`, `per_second`, `seconds`, `count`.
    std::string unit;
    std::string query;
    /// Label set of this series within the query's answer, empty for a single one.
    std::string labels;
    std::vector<double> offsets_seconds;
    std::vector<std::optional<double>> values;
};
BOOST_DESCRIBE_STRUCT(SampledSeries, (), (name, title, unit, query, labels, offsets_seconds, values))

/// What the run ran on and against. Null is unknown.
struct Environment {
    std::string milo_perf_version;
    std::string compiler;
    std::string host;
    std::string kernel;
    std::uint64_t cpus = 0;
    std::optional<std::string> apiserver_version;
    std::optional<std::string> victoriametrics_version;
};
BOOST_DESCRIBE_STRUCT(Environment, (),
                      (milo_perf_version, compiler, host, kernel, cpus, apiserver_version,
                       victoriametrics_version))

/// A whole run.
struct Run {
    // The keys that consumers of the replaced runner read.
    std::string test_id;
    std::string timestamp;
    std::string org_name;
    std::uint64_t num_projects = 0;
    std::uint64_t num_secrets_per_project = 0;
    std::uint64_t num_configmaps_per_project = 0;
    /// From the first Project's create to the last one's Ready; null unless all got Ready.
    std::optional<double> projects_ready_seconds;
    Metrics metrics;

    int schema_version = 1;
    Outcome outcome = Outcome::unknown;
    /// One sentence why, when not completed.
    std::optional<std::string> reason;
    std::optional<std::string> finished_at;
    std::optional<double> duration_seconds;
    /// `closed` (a fixed number in flight), `open` (a fixed arrival rate), or `mixed` (one for Projects, the
    /// other for objects).
    std::string load_model;
    /// Every knob with its effective value; secrets are left out.
    std::map<std::string, std::string> settings;
    Environment environment;
    std::vector<Phase> phases;
    /// By resource: `projects`, `secrets`, `configmaps`.
    std::map<std::string, ObjectCount> objects;
    std::vector<RequestSeries> requests;
    std::vector<TimelinePoint> timeline;
    Readiness readiness;
    std::vector<Project> projects;
    std::vector<SampledSeries> samples;
    Client client;
    std::vector<Threshold> thresholds;
    std::vector<std::string> warnings;
    std::vector<Event> events;
    /// True in a copy that was thinned to fit a size limit: `projects`, `timeline` and `samples` are
    /// shortened.
    bool thinned = false;
};
BOOST_DESCRIBE_STRUCT(Run, (),
                      (test_id, timestamp, org_name, num_projects, num_secrets_per_project,
                       num_configmaps_per_project, projects_ready_seconds, metrics, schema_version, outcome,
                       reason, finished_at, duration_seconds, load_model, settings, environment, phases,
                       objects, requests, timeline, readiness, projects, samples, client, thresholds,
                       warnings, events, thinned))

}  // namespace milo_perf::results
