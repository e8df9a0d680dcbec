#include "config/knobs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <limits>
#include <stdexcept>
#include <vector>

#include "config/values.hpp"

namespace milo_perf::config {
namespace {

using std::string_view;

constexpr string_view selection = "Resource selection";
constexpr string_view metrics = "Metrics source";
constexpr string_view scale = "Scale and workload";
constexpr string_view load = "Load model";
constexpr string_view waiting = "Waiting and limits";
constexpr string_view identity = "Identity and scoping";
constexpr string_view output = "Output";

[[noreturn]] void refuse() {
    throw std::invalid_argument("not of its kind");
}

/// What a knob of text holds: its kind, and the words for it.
struct TextKind {
    string_view kind;
    string_view takes;
};

constexpr TextKind a_namespace{"label", "a namespace"};
constexpr TextKind an_organization{"label", "an Organization name"};
constexpr TextKind a_label_value{"label", "a label value"};
constexpr TextKind a_secret_name{"subdomain", "a Secret name"};
constexpr TextKind a_service_name{"subdomain", "a service name"};
constexpr TextKind a_key{"key", "a key"};
constexpr TextKind a_url{"url", "an http or https URL"};
constexpr TextKind an_address{"address", "HOST:PORT"};
constexpr TextKind a_token{"token", "a token"};
constexpr TextKind headers{"text", "headers such as X-Scope-OrgID: team-a, separated by ^^"};
constexpr TextKind a_regex{"text", "a regular expression"};
constexpr TextKind a_file{"text", "a file's path"};
constexpr TextKind a_folder{"text", "a folder's path"};
constexpr TextKind a_context{"text", "a context name"};
constexpr TextKind stages{"text", "stages like 30s:500,1m:500,30s:0 or 30s@100,30s@200"};
constexpr TextKind expressions{"text", "expressions separated by semicolons"};

Knob text(string_view name, string_view fallback, string_view group, std::string Settings::*member,
          TextKind kind, string_view help) {
    return {.name = name,
            .default_text = fallback,
            .group = group,
            .kind = std::string(kind.kind),
            .takes = std::string(kind.takes),
            .help = help,
            .set = [member](Settings& settings, string_view value) { settings.*member = std::string(value); },
            .show = [member](const Settings& settings) { return settings.*member; }};
}

Knob secret(Knob knob) {
    knob.secret = true;
    return knob;
}

template <class Integer>
Knob whole(string_view name, string_view fallback, string_view group, Integer Settings::*member,
           std::uint64_t least, std::uint64_t most, string_view help) {
    return {.name = name,
            .default_text = fallback,
            .group = group,
            .kind = fmt::format("integer {} {}", least, most),
            .takes = fmt::format("a whole number from {} to {}", least, most),
            .help = help,
            .set =
                [member, least, most](Settings& settings, string_view value) {
                    const auto number = parse_whole_number(value);
                    if (!number || *number < least || *number > most) refuse();
                    settings.*member = static_cast<Integer>(*number);
                },
            .show = [member](const Settings& settings) { return std::to_string(settings.*member); }};
}

Knob number(string_view name, string_view fallback, string_view group, double Settings::*member, double least,
            double most, string_view help) {
    return {.name = name,
            .default_text = fallback,
            .group = group,
            .kind = fmt::format("number {} {}", least, most),
            .takes = fmt::format("a number from {} to {}", least, most),
            .help = help,
            .set =
                [member, least, most](Settings& settings, string_view value) {
                    const auto parsed = parse_number(value);
                    if (!parsed || *parsed < least || *parsed > most) refuse();
                    settings.*member = *parsed;
                },
            .show = [member](const Settings& settings) { return format_number(settings.*member); }};
}

Knob boolean(string_view name, string_view fallback, string_view group, bool Settings::*member,
             string_view help) {
    return {
        .name = name,
        .default_text = fallback,
        .group = group,
        .kind = "boolean",
        .takes = "true or false",
        .help = help,
        .set =
            [member](Settings& settings, string_view value) {
                const auto parsed = parse_boolean(value);
                if (!parsed) refuse();
                settings.*member = *parsed;
            },
        .show =
            [member](const Settings& settings) { return std::string(settings.*member ? "true" : "false"); }};
}

template <class Enum, std::size_t count>
Knob choice(string_view name, string_view fallback, string_view group, Enum Settings::*member,
            std::array<std::pair<string_view, Enum>, count> values, string_view help) {
    std::string words;
    for (const auto& [word, value] : values) words += fmt::format(" {}", word);
    return {.name = name,
            .default_text = fallback,
            .group = group,
            .kind = "enum" + words,
            .takes = "one of" + words,
            .help = help,
            .set =
                [member, values](Settings& settings, string_view given) {
                    const auto found = std::find_if(values.begin(), values.end(), [given](const auto& entry) {
                        return entry.first == given;
                    });
                    if (found == values.end()) refuse();
                    settings.*member = found->second;
                },
            .show =
                [member, values](const Settings& settings) {
                    const auto found = std::find_if(values.begin(), values.end(), [&](const auto& entry) {
                        return entry.second == settings.*member;
                    });
                    return std::string(found == values.end() ? string_view{} : found->first);
                }};
}

Knob window() {
    return {.name = "MEASURE_WINDOW",
            .default_text = "2m",
            .group = metrics,
            .kind = "duration",
            .takes = "a Prometheus duration of at least 2s, e.g. 2m",
            .help = "Range window of rate and avg_over_time in a snapshot.",
            .set =
                [](Settings& settings, string_view value) {
                    const auto seconds = parse_duration_seconds(value);
                    if (!seconds || *seconds < 2) refuse();
                    settings.measure_window = std::string(value);
                    settings.measure_window_seconds = *seconds;
                },
            .show = [](const Settings& settings) { return settings.measure_window; }};
}

std::vector<Knob> selection_knobs() {
    return {
        text("NS", "milo-system", selection, &Settings::ns, a_namespace,
             "Namespace of the Job and of the results ConfigMap."),
        text("MILO_NAMESPACE", "milo-system", selection, &Settings::milo_namespace, a_namespace,
             "Namespace of the apiserver and etcd pods to measure."),
        text("APISERVER_POD_REGEX", "milo-apiserver.*", selection, &Settings::apiserver_pod_regex, a_regex,
             "Pods of the apiserver."),
        text("ETCD_POD_REGEX", "etcd.*", selection, &Settings::etcd_pod_regex, a_regex, "Pods of etcd."),
    };
}

std::vector<Knob> metrics_knobs() {
    return {
        text("VM_NAMESPACE", "telemetry-system", metrics, &Settings::vm_namespace, a_namespace,
             "Namespace of the VictoriaMetrics service."),
        text("VM_SERVICE_NAME", "vmsingle-telemetry-system-vm-victoria-metrics-k8s-stack", metrics,
             &Settings::vm_service_name, a_service_name, "Name of the VictoriaMetrics service."),
        whole("VM_PORT", "8428", metrics, &Settings::vm_port, 1, 65535,
              "Port of the VictoriaMetrics service."),
        text("VM_BASE_URL", "", metrics, &Settings::vm_base_url, a_url,
             "Base URL of VictoriaMetrics; made from the three knobs before it when empty."),
        secret(text("VM_HEADERS", "", metrics, &Settings::vm_headers, headers,
                    "Further header fields of every request to VictoriaMetrics, e.g. a tenant.")),
        text("VM_CA_FILE", "", metrics, &Settings::vm_ca_file, a_file,
             "CA certificates (PEM) of an https VictoriaMetrics; the system's when empty."),
        text("VM_BEARER_TOKEN_FILE", "", metrics, &Settings::vm_bearer_token_file, a_file,
             "File with a bearer token for VictoriaMetrics, read again as it changes."),
        window(),
        number("SAMPLE_SECONDS", "5", metrics, &Settings::sample_seconds, 0, 3600,
               "Step of the sampler that follows CPU, memory and more over the whole run; 0 turns it off."),
        text("SAMPLE_QUERIES", "", metrics, &Settings::sample_queries, a_file,
             "YAML file with further PromQL queries for the sampler."),
    };
}

std::vector<Knob> scale_knobs() {
    return {
        whole("NUM_PROJECTS", "100", scale, &Settings::num_projects, 1, 100000, "Projects to create."),
        boolean("RUN_OBJECTS_PHASE", "true", scale, &Settings::run_objects_phase,
                "Whether Secrets and ConfigMaps are created in every Project."),
        whole("NUM_SECRETS_PER_PROJECT", "100", scale, &Settings::num_secrets_per_project, 0, 100000,
              "Secrets in each Project."),
        whole("NUM_CONFIGMAPS_PER_PROJECT", "100", scale, &Settings::num_configmaps_per_project, 0, 100000,
              "ConfigMaps in each Project."),
        whole("PROJECT_CONCURRENCY", "4", scale, &Settings::project_concurrency, 1, 10000,
              "Projects that get their objects at the same time."),
        whole("OBJECT_CONCURRENCY", "8", scale, &Settings::object_concurrency, 1, 10000,
              "Requests in flight within each of them."),
        whole("PROJECT_CREATE_CONCURRENCY", "8", scale, &Settings::project_create_concurrency, 1, 10000,
              "Project creates in flight."),
        whole("OBJECT_SIZE_BYTES", "0", scale, &Settings::object_size_bytes, 0, 1000000,
              "Size of the note in each Secret and ConfigMap; 0 is the short note of the standard run."),
    };
}

std::vector<Knob> load_knobs() {
    return {
        number("QPS", "0", load, &Settings::qps, 0, 1000000,
               "Object creates per second in open loop; 0 is closed loop, as many as the concurrency gives."),
        whole("BURST", "0", load, &Settings::burst, 0, 1000000,
              "With QPS: creates that may start at once as a token bucket's content; 0 keeps the even "
              "schedule."),
        number("PROJECT_QPS", "0", load, &Settings::project_qps, 0, 1000000,
               "Project creates per second in open loop; 0 is closed loop."),
        text("RAMP", "", load, &Settings::ramp, stages,
             "Rate profile of the objects phase instead of QPS: DURATION:RATE climbs or falls to RATE, "
             "DURATION@RATE holds it."),
        choice<Arrival, 2>("ARRIVAL", "uniform", load, &Settings::arrival,
                           {{{"uniform", Arrival::uniform}, {"poisson", Arrival::poisson}}},
                           "Spacing of open-loop starts."),
        whole("SEED", "1", load, &Settings::seed, 0, std::numeric_limits<std::int64_t>::max(),
              "Seed of the random arrivals; the same seed gives the same schedule."),
        whole("MAX_IN_FLIGHT", "1000", load, &Settings::max_in_flight, 1, 100000,
              "Open loop: creates in flight at most; what waits for a place is counted as late."),
    };
}

std::vector<Knob> waiting_knobs() {
    return {
        number("STABILIZE_SECONDS", "90", waiting, &Settings::stabilize_seconds, 0, 86400,
               "Pause before the snapshots after Projects and after objects."),
        number("READY_TIMEOUT_SECONDS", "900", waiting, &Settings::ready_timeout_seconds, 1, 86400,
               "Deadline for all Projects to become Ready."),
        number("READY_SLO_SECONDS", "60", waiting, &Settings::ready_slo_seconds, 0.001, 86400,
               "Service level of one Project's readiness; the results give the share above it."),
        number("REQUEST_TIMEOUT_SECONDS", "60", waiting, &Settings::request_timeout_seconds, 0.1, 3600,
               "Deadline of each attempt of a request."),
        number("CONNECT_TIMEOUT_SECONDS", "10", waiting, &Settings::connect_timeout_seconds, 0.1, 600,
               "Deadline of each connect, TLS handshake included."),
        number("WATCH_TIMEOUT_SECONDS", "50", waiting, &Settings::watch_timeout_seconds, 1, 3600,
               "Length of one watch request; it is continued where it ended. Ten seconds more without a byte "
               "count as a dead peer."),
        number("CLEANUP_TIMEOUT_SECONDS", "900", waiting, &Settings::cleanup_timeout_seconds, 1, 86400,
               "Deadline of a cleanup, until all Projects are gone."),
        whole("RETRY_MAX_ATTEMPTS", "12", waiting, &Settings::retry_max_attempts, 1, 1000,
              "Attempts of one request, the first included."),
    };
}

string_view organization_help() {
    static const std::string help =
        fmt::format("Organization to create; {}<test_id> when empty.", organization_prefix);
    return help;
}

std::vector<Knob> identity_knobs() {
    return {
        text("ORG_NAME", "", identity, &Settings::org_name, an_organization, organization_help()),
        text("TEST_ID", "", identity, &Settings::test_id, a_label_value,
             "Identity of the run in names and labels; 8 random hex digits when empty."),
        text("MILO_KUBECONFIG_SECRET_NAME", "milo-controller-manager-kubeconfig", identity,
             &Settings::milo_kubeconfig_secret_name, a_secret_name,
             "Secret with Milo's kubeconfig; mounted into the Job."),
        text("MILO_KUBECONFIG_SECRET_KEY", "kubeconfig", identity, &Settings::milo_kubeconfig_secret_key,
             a_key, "Key of the kubeconfig in that Secret."),
        text("MILO_KUBECONFIG_PATH", "/work/milo-kubeconfig", identity, &Settings::milo_kubeconfig_path,
             a_file, "Milo's kubeconfig."),
        text("CONTEXT", "", identity, &Settings::context, a_context,
             "Context of Milo's kubeconfig; its current one when empty."),
        secret(text("AUTH_BEARER_TOKEN", "", identity, &Settings::auth_bearer_token, a_token,
                    "Bearer token used instead of the kubeconfig's credentials.")),
        text("TARGET_NAMESPACE", "", identity, &Settings::target_namespace, a_namespace,
             "Namespace of the results ConfigMap; NS when empty."),
        choice<RunMode, 2>("RUN_MODE", "run", identity, &Settings::run_mode,
                           {{{"run", RunMode::run}, {"cleanup", RunMode::cleanup}}},
                           "What the program does when it is started without a command, as in the Job."),
    };
}

std::vector<Knob> output_knobs() {
    return {
        text("OUT_DIR", "/work/out", output, &Settings::out_dir, a_folder,
             "Folder of results.json, report.html and meta.txt."),
        text("THRESHOLDS", "", output, &Settings::thresholds, expressions,
             "Limits on figures, e.g. secrets.create.p99 < 250ms; a broken one gives exit code 3."),
        text("METRICS_LISTEN", "", output, &Settings::metrics_listen, an_address,
             "Where to serve live /metrics; off when empty."),
        boolean("PUSH_METRICS", "false", output, &Settings::push_metrics,
                "Whether the run's own series are pushed into VictoriaMetrics at its end."),
        choice<LogLevel, 4>("LOG_LEVEL", "info", output, &Settings::log_level,
                            {{{"debug", LogLevel::debug},
                              {"info", LogLevel::info},
                              {"warn", LogLevel::warn},
                              {"error", LogLevel::error}}},
                            "Least level of log lines."),
    };
}

std::vector<Knob> make_knobs() {
    std::vector<Knob> all;
    for (auto* part : {&selection_knobs, &metrics_knobs, &scale_knobs, &load_knobs, &waiting_knobs,
                       &identity_knobs, &output_knobs}) {
        for (Knob& knob : part()) all.push_back(std::move(knob));
    }
    return all;
}

}  // namespace

std::span<const Knob> knobs() {
    static const std::vector<Knob> all = make_knobs();
    return all;
}

std::string list_knobs() {
    std::string lines;
    for (const Knob& knob : knobs()) lines += fmt::format("{}\t{}\t{}\n", knob.name, knob.kind, knob.takes);
    return lines;
}

std::string flag_name(string_view knob) {
    std::string flag(knob);
    std::transform(flag.begin(), flag.end(), flag.begin(),
                   [](unsigned char c) { return c == '_' ? '-' : static_cast<char>(std::tolower(c)); });
    return flag;
}

}  // namespace milo_perf::config
