#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>

#include "base/log.hpp"
#include "commands/commands.hpp"
#include "commands/file_lines.hpp"
#include "commands/plan.hpp"
#include "kube/in_cluster.hpp"
#include "report/html.hpp"
#include "report/terminal.hpp"
#include "results/json.hpp"
#include "run/repeat.hpp"
#include "run/run.hpp"
#include "session/checkpoint.hpp"
#include "session/requirements.hpp"

namespace milo_perf::commands {

namespace {

/// The interrupted run's own settings, over which the flags of this call win.
run::RunPlan resumed(const CommandInput& input) {
    const auto found = session::find_checkpoint(input.settings, input.environment, input.invocation.resume);
    if (!found) {
        throw UserError(fmt::format(
            "Run {} cannot be resumed: neither {} nor the results ConfigMap has a checkpoint of it.",
            input.invocation.resume, results::checkpoint_path(input.settings.out_dir).string()));
    }
    run::RunPlan plan;
    config::KnobTexts before(found->settings.begin(), found->settings.end());
    before["TEST_ID"] = found->test_id;
    before["ORG_NAME"] = found->org_name;
    // What is no part of the workload is this machine's: paths, credentials, where metrics are.
    for (const char* local : {"MILO_KUBECONFIG_PATH", "CONTEXT", "OUT_DIR", "VM_BASE_URL", "VM_HEADERS",
                              "VM_CA_FILE", "VM_BEARER_TOKEN_FILE", "LOG_LEVEL", "METRICS_LISTEN",
                              "TARGET_NAMESPACE", "SAMPLE_QUERIES", "RUN_MODE"}) {
        before.erase(local);
        const auto given = input.knob_environment.find(local);
        if (given != input.knob_environment.end()) before[local] = given->second;
    }
    plan.settings = config::make_settings(before, input.invocation.knobs);
    plan.settings.auth_bearer_token = input.settings.auth_bearer_token;
    plan.metrics = found->metrics;
    plan.resumed = true;
    return plan;
}

void print_result(const CommandInput& input, const results::Run& result) {
    if (input.invocation.output == "json") {
        fmt::print("{}", results::to_json(result));
        return;
    }
    if (input.invocation.quiet) return;
    const bool colour = report::colour_wanted(STDOUT_FILENO, std::getenv("NO_COLOR"), std::getenv("TERM"));
    fmt::print("{}", report::summary(result, colour));
}

/// In a pod OUT_DIR ends with it: what the ConfigMap has not is printed.
void print_files(const run::RunOutcome& outcome, const std::string& out_dir,
                 std::filesystem::file_time_type begun) {
    if (!outcome.partly_published && further_files(out_dir, begun).empty()) return;
    const LoggedFiles files = logged_files(
        {{"results.json", results::to_json(outcome.result)}, {"report.html", report::html(outcome.result)}},
        out_dir, begun);
    for (const std::string& sentence : files.left_out) log::warn("{}", sentence);
    fmt::print("{}", files.lines);
}

ExitCode repeated(const CommandInput& input, run::RunPlan plan) {
    // Each run gets an id of its own unless the user wants to know them beforehand.
    plan.settings.test_id = input.settings.test_id;
    const std::vector<run::RunOutcome> outcomes =
        run::repeat_run(plan, input.invocation.repeat, input.environment);
    for (const run::RunOutcome& outcome : outcomes) {
        if (!outcome.result.test_id.empty()) print_result(input, outcome.result);
    }
    if (!input.invocation.quiet && input.invocation.output == "text")
        fmt::print("\n{}", run::repeat_summary(outcomes));
    return run::repeat_code(outcomes);
}

}  // namespace

ExitCode run_command(const CommandInput& input) {
    run::RunPlan plan;
    if (input.invocation.resume.empty()) {
        plan.settings = session::identified(input.settings);
    } else {
        plan = resumed(input);
    }
    plan.thresholds = results::parse_thresholds(plan.settings.thresholds);
    for (const std::string& text : input.invocation.thresholds) {
        plan.thresholds.push_back(results::parse_threshold(text));
    }
    session::require_settings(plan.settings);
    if (input.invocation.dry_run) {
        fmt::print("{}", plan_text(plan.settings));
        if (input.invocation.repeat > 1)
            fmt::print("{:<14}{} runs, each removed before the next\n", "repeats", input.invocation.repeat);
        return ExitCode::ok;
    }
    plan.show_progress = !input.invocation.quiet;
    if (input.invocation.repeat > 1) return repeated(input, std::move(plan));
    // A file's time is that of the kernel's last tick.
    const auto begun = std::filesystem::file_time_type::clock::now() - std::chrono::seconds(1);
    const run::RunOutcome outcome = run::run_once(plan, input.environment);
    if (outcome.result.test_id.empty()) return outcome.code;
    print_result(input, outcome.result);
    if (kube::in_cluster_available(input.environment)) print_files(outcome, plan.settings.out_dir, begun);
    return outcome.code;
}

}  // namespace milo_perf::commands
