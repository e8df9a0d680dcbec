#include "commands/plan.hpp"

#include <fmt/format.h>

#include <iterator>

#include "base/url_text.hpp"
#include "load/arrival_schedule.hpp"
#include "workload/identity.hpp"
#include "workload/object_template.hpp"

namespace milo_perf::commands {
namespace {

void add_line(std::string& text, std::string_view subject, std::string_view line) {
    fmt::format_to(std::back_inserter(text), "{:<14}{}\n", subject, line);
}

std::string range_of(const workload::ObjectTemplate& kind, std::uint32_t count) {
    std::string first;
    std::string last;
    kind.write_name(0, first);
    kind.write_name(count - 1, last);
    return fmt::format("{} to {}", first, last);
}

std::string object_load(const config::Settings& settings) {
    if (!settings.ramp.empty()) {
        return fmt::format("open loop by RAMP {}, at most {} in flight", settings.ramp,
                           settings.max_in_flight);
    }
    if (settings.qps > 0) {
        return fmt::format("open loop at {}/s, at most {} in flight", settings.qps, settings.max_in_flight);
    }
    return fmt::format("closed loop, {} Projects × {} requests in flight", settings.project_concurrency,
                       settings.object_concurrency);
}

void add_objects(std::string& text, const config::Settings& settings, const workload::Identity& identity) {
    if (!settings.run_objects_phase) {
        add_line(text, "objects", "none (RUN_OBJECTS_PHASE=false)");
        return;
    }
    const auto add = [&](std::string_view subject, const workload::ObjectTemplate& kind,
                         std::uint32_t count) {
        const std::uint64_t all = static_cast<std::uint64_t>(count) * settings.num_projects;
        add_line(text, subject,
                 count == 0 ? std::string("none")
                            : fmt::format("{} ({} in each Project): {}", all, count, range_of(kind, count)));
    };
    add("Secrets", workload::ObjectTemplate::secret(identity, settings.object_size_bytes),
        settings.num_secrets_per_project);
    add("ConfigMaps", workload::ObjectTemplate::configmap(identity, settings.object_size_bytes),
        settings.num_configmaps_per_project);
    add_line(text, "object load", object_load(settings));
}

}  // namespace

std::string plan_text(const config::Settings& settings) {
    const workload::Identity identity(settings.test_id, settings.org_name, settings.num_projects);
    std::string text;
    add_line(text, "run", fmt::format("{} (labels {})", identity.test_id(), identity.label_selector()));
    add_line(text, "Organization", identity.org_name());
    add_line(text, "Projects",
             fmt::format("{}: {} to {}", settings.num_projects, identity.project_name(0),
                         identity.project_name(settings.num_projects - 1)));
    add_line(text, "project load",
             settings.project_qps > 0
                 ? fmt::format("open loop at {}/s, at most {} in flight", settings.project_qps,
                               settings.max_in_flight)
                 : fmt::format("closed loop, {} creates in flight", settings.project_create_concurrency));
    add_objects(text, settings, identity);
    const int pauses = settings.run_objects_phase ? 2 : 1;
    add_line(text, "waits",
             fmt::format("up to {} s for the Projects, {} × {} s to stabilize, up to {} s for a request",
                         settings.ready_timeout_seconds, pauses, settings.stabilize_seconds,
                         settings.request_timeout_seconds));
    add_line(text, "snapshots",
             fmt::format("{} over {} from {}", pauses + 1, settings.measure_window,
                         shown_url(settings.vm_base_url)));
    add_line(text, "results",
             fmt::format("{}/results.json and report.html, ConfigMap {}/perf-results", settings.out_dir,
                         settings.target_namespace));
    return text;
}

}  // namespace milo_perf::commands
