#include "run/repeat.hpp"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/log.hpp"
#include "results/figures.hpp"
#include "results/format.hpp"
#include "results/sweep.hpp"
#include "run/cleanup.hpp"
#include "workload/identity.hpp"

namespace milo_perf::run {
namespace {

bool ends_series(ExitCode code) {
    // A threshold that did not hold is a result like any other.
    return code != ExitCode::ok && code != ExitCode::threshold;
}

RunPlan plan_of(const RunPlan& plan, unsigned number) {
    RunPlan one = plan;
    one.settings = numbered(plan.settings, number);
    if (one.settings.test_id.empty()) one.settings.test_id = workload::random_test_id();
    return one;
}

}  // namespace

std::vector<RunOutcome> repeat_run(const RunPlan& plan, unsigned times,
                                   const kube::Environment& environment) {
    std::vector<RunOutcome> outcomes;
    check_numbered(plan.settings, times);
    for (unsigned number = 1; number <= times; ++number) {
        const RunPlan one = plan_of(plan, number);
        log::info("run {} of {}: {}", number, times, one.settings.test_id);
        ExitCode code = ExitCode::ok;
        try {
            outcomes.push_back(run_once(one, environment));
            const bool last = number == times;
            if (last || ends_series(outcomes.back().code)) {
                log::info("run {} still exists: remove it with milo-perf cleanup --test-id={} --out-dir={}",
                          one.settings.test_id, one.settings.test_id, one.settings.out_dir);
                break;
            }
            code = clear_for_next_run(one.settings, environment, one.publish,
                                      from_seconds(one.settings.stabilize_seconds));
        } catch (const UserError& problem) {
            // What the runs before it have measured is still shown.
            if (outcomes.empty()) throw;
            log::error("{}", problem.what());
            code = ExitCode::failed;
        }
        if (code != ExitCode::ok) {
            outcomes.back().code = code;
            break;
        }
    }
    return outcomes;
}

std::string repeat_summary(const std::vector<RunOutcome>& outcomes) {
    std::size_t runs = 0;
    for (const RunOutcome& outcome : outcomes) runs += outcome.result.test_id.empty() ? 0 : 1;
    std::string text = fmt::format("Medians and spread of {} runs\n\n{:<48}{:>14}{:>14}{:>14}{:>10}\n", runs,
                                   "", "median", "least", "most", "spread");
    for (const results::NamedFigure& figure : results::figures()) {
        std::vector<double> values;
        for (const RunOutcome& outcome : outcomes) {
            if (outcome.result.test_id.empty()) continue;
            if (const auto value = figure.value(outcome.result).value) values.push_back(*value);
        }
        if (values.empty()) continue;
        const results::Spread spread = results::spread(values);
        const double width = *spread.most - *spread.least;
        const double size = std::abs(*spread.median);
        const std::string relative = width == 0  ? "0 %"
                                     : size == 0 ? "n/a"
                                                 : fmt::format("{:.1f} %", 100 * width / size);
        text += fmt::format(
            "{:<48}{:>14}{:>14}{:>14}{:>10}\n", figure.name, results::show(spread.median, figure.unit),
            results::show(spread.least, figure.unit), results::show(spread.most, figure.unit), relative);
    }
    return text + "\nSpread is (most − least) / median over the runs that have the figure.\n";
}

ExitCode repeat_code(const std::vector<RunOutcome>& outcomes) {
    ExitCode worst = ExitCode::ok;
    for (const RunOutcome& outcome : outcomes) {
        if (outcome.code == ExitCode::ok) continue;
        if (worst == ExitCode::ok || worst == ExitCode::threshold) worst = outcome.code;
    }
    return worst;
}

std::string run_folder(std::size_t number) {
    return fmt::format("run-{:02}", number);
}

config::Settings numbered(config::Settings settings, std::size_t number) {
    if (!settings.test_id.empty()) settings.test_id += fmt::format("-{:02}", number);
    settings.out_dir += "/" + run_folder(number);
    return settings;
}

void check_numbered(const config::Settings& settings, std::size_t number) {
    config::check_identity(numbered(settings, number));
}

}  // namespace milo_perf::run
