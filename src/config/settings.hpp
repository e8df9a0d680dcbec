#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace milo_perf::config {

enum class RunMode { run, cleanup };
enum class Arrival { uniform, poisson };
enum class LogLevel { debug, info, warn, error };

/// Every knob of a run, read and checked. Names are the knobs' in lower case; `knobs.cpp` holds the table of
/// defaults, ranges and help texts.
struct Settings {
    // Resource selection
    std::string ns;
    std::string milo_namespace;
    std::string apiserver_pod_regex;
    std::string etcd_pod_regex;

    // Metrics source
    std::string vm_namespace;
    std::string vm_service_name;
    std::uint16_t vm_port = 0;
    /// Derived from the three before it unless given.
    std::string vm_base_url;
    /// As given; parse_headers() reads it. May hold secrets.
    std::string vm_headers;
    std::string vm_ca_file;
    std::string vm_bearer_token_file;
    /// As given ("2m"), and in seconds.
    std::string measure_window;
    double measure_window_seconds = 0;
    double sample_seconds = 0;
    std::string sample_queries;

    // Scale and workload
    std::uint32_t num_projects = 0;
    bool run_objects_phase = true;
    std::uint32_t num_secrets_per_project = 0;
    std::uint32_t num_configmaps_per_project = 0;
    std::uint32_t project_concurrency = 0;
    std::uint32_t object_concurrency = 0;
    std::uint32_t project_create_concurrency = 0;
    std::uint32_t object_size_bytes = 0;

    // Load model
    /// 0 is closed loop.
    double qps = 0;
    std::uint32_t burst = 0;
    double project_qps = 0;
    std::string ramp;
    Arrival arrival = Arrival::uniform;
    std::uint64_t seed = 0;
    std::uint32_t max_in_flight = 0;

    // Waiting
    double stabilize_seconds = 0;
    double ready_timeout_seconds = 0;
    double ready_slo_seconds = 0;
    double request_timeout_seconds = 0;
    double connect_timeout_seconds = 0;
    double cleanup_timeout_seconds = 0;
    double watch_timeout_seconds = 0;
    std::uint32_t retry_max_attempts = 0;

    // Identity and scoping
    std::string org_name;
    std::string test_id;
    std::string milo_kubeconfig_secret_name;
    std::string milo_kubeconfig_secret_key;
    std::string milo_kubeconfig_path;
    std::string context;
    std::string auth_bearer_token;
    std::string target_namespace;
    RunMode run_mode = RunMode::run;

    // Output
    std::string out_dir;
    std::string thresholds;
    std::string metrics_listen;
    bool push_metrics = false;
    LogLevel log_level = LogLevel::info;

    /// ORG_NAME, or the name made of TEST_ID.
    std::string organization() const;
    /// Of the objects phase.
    bool open_loop() const { return qps > 0 || !ramp.empty(); }
    bool projects_open_loop() const { return project_qps > 0; }
    /// Of the whole run: "open", "closed" or, with one for Projects and the other for objects, "mixed".
    std::string_view load_model() const;
};

/// The Organization of a run without ORG_NAME has this before its TEST_ID.
inline constexpr std::string_view organization_prefix = "perf-";

/// Where a knob's text came from, for messages.
enum class Source { default_value, environment, flag };

/// Texts of knobs by name ("NUM_PROJECTS"), from one source.
using KnobTexts = std::map<std::string, std::string>;

/// Settings from the environment and from flags, which win. Throws UserError with one sentence for a text
/// that is malformed or out of range, and for combinations that make no sense.
Settings make_settings(const KnobTexts& environment, const KnobTexts& flags);

/// RUN_MODE, if a flag or the environment gives it. Throws UserError for what is no mode.
std::optional<RunMode> given_run_mode(const KnobTexts& environment, const KnobTexts& flags);

/// Throws UserError for a TEST_ID, ORG_NAME or namespace that is no name, or too long for the Projects'
/// names.
void check_identity(const Settings& settings);

/// Every knob's effective value as text, by name, without secrets: what results show and `--resume` repeats.
std::map<std::string, std::string> describe(const Settings& settings);

}  // namespace milo_perf::config
