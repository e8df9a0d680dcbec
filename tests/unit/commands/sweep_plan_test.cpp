#include "sweep/plan.hpp"

#include <doctest/doctest.h>

#include "base/error.hpp"
#include "commands/command_line.hpp"

namespace milo_perf::sweep {
using commands::parse_command_line;

namespace {

SweepPlan plan_of(std::vector<std::string> arguments, const config::KnobTexts& environment = {}) {
    arguments.insert(arguments.begin(), "sweep");
    const commands::Invocation invocation = parse_command_line(arguments, environment);
    return make_sweep_plan(invocation.sweep, invocation.knobs, environment);
}

std::string refusal(std::vector<std::string> arguments, const config::KnobTexts& environment = {}) {
    try {
        plan_of(std::move(arguments), environment);
    } catch (const UserError& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
    return "accepted";
}

bool says(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

TEST_CASE("A sweep with its usual times; values are sorted and the knob has the largest") {
    const SweepPlan plan = plan_of({"--vary", "object-concurrency", "--through", "8,1,4"});
    CHECK(plan.knob == "OBJECT_CONCURRENCY");
    CHECK(plan.values == std::vector<double>{1, 4, 8});
    CHECK(plan.settings.object_concurrency == 8);
    CHECK(with_value(plan, 4).object_concurrency == 4);
    CHECK(plan.hold == std::chrono::seconds(20));
    CHECK(plan.warmup == std::chrono::seconds(5));
    CHECK(plan.settle == std::chrono::seconds(10));
    CHECK(plan.repeats == 3);
    CHECK_FALSE(plan.limit);
    CHECK_FALSE(plan.settings.test_id.empty());
    CHECK(plan.settings.out_dir == "/work/out/sweep");
}

TEST_CASE("Every flag of a sweep") {
    const SweepPlan plan =
        plan_of({"--vary", "QPS", "--through", "0.5,100", "--limit", "secrets.create.p99 < 250ms", "--hold",
                 "1m", "--warmup", "0s", "--settle", "500ms", "--repeats", "5", "--out", "here"});
    CHECK(plan.settings.open_loop());
    CHECK(with_value(plan, 0.5).qps == 0.5);
    CHECK_FALSE(plan.whole_numbers());
    REQUIRE(plan.limit);
    CHECK(plan.limit->limit == doctest::Approx(0.25));
    CHECK(plan.hold == std::chrono::minutes(1));
    CHECK(plan.warmup == Duration::zero());
    CHECK(plan.settle == std::chrono::milliseconds(500));
    CHECK(plan.repeats == 5);
    CHECK(plan.settings.out_dir == "here");
}

TEST_CASE("A sweep over NUM_PROJECTS makes no objects") {
    const SweepPlan plan = plan_of({"--vary", "NUM_PROJECTS", "--through", "10,20"});
    CHECK(plan.varies_projects());
    CHECK_FALSE(plan.settings.run_objects_phase);
    CHECK(with_value(plan, 10).num_projects == 10);
}

TEST_CASE("What makes no sense is refused with the flag's name") {
    CHECK(says(refusal({}), "--vary"));
    CHECK(says(refusal({"--vary", "NUM_SECRETS_PER_PROJECT", "--through", "1"}), "--vary must be"));
    CHECK(says(refusal({"--vary", "QPS", "--through", "1,,2"}), "--through must be"));
    CHECK(says(refusal({"--vary", "QPS", "--through", "0"}), "--through must be"));
    CHECK(says(refusal({"--vary", "QPS", "--through", "nan"}), "--through must be"));
    CHECK(says(refusal({"--vary", "QPS", "--through", "2,2"}), "names a value twice"));
    CHECK(says(refusal({"--vary", "OBJECT_CONCURRENCY", "--through", "1.5"}), "whole number"));
    CHECK(says(refusal({"--vary", "QPS", "--through", "1", "--hold", "0s"}), "--hold"));
    CHECK(says(refusal({"--vary", "QPS", "--through", "1", "--warmup", "x"}), "--warmup"));
    CHECK(says(refusal({"--vary", "QPS", "--through", "1", "--repeats", "0"}), "--repeats"));
}

TEST_CASE("A limit must be a figure that a step has") {
    CHECK(says(refusal({"--vary", "QPS", "--through", "1", "--limit", "projects.ready.p99 < 1s"}),
               "cannot be judged"));
    CHECK(says(refusal({"--vary", "QPS", "--through", "1", "--limit", "nonsense"}), "cannot be read"));
    CHECK(says(refusal({"--vary", "NUM_PROJECTS", "--through", "1", "--limit", "errors.rate < 1%"}),
               "needs a sweep of load"));
    CHECK(plan_of({"--vary", "QPS", "--through", "1", "--limit", "errors.rate < 1%"}).limit);
}

TEST_CASE("Knobs that contradict the sweep are refused") {
    CHECK(says(refusal({"--vary", "OBJECT_CONCURRENCY", "--through", "1"}, {{"QPS", "100"}}), "open loop"));
    CHECK(says(refusal({"--vary", "OBJECT_CONCURRENCY", "--through", "1"}, {{"RAMP", "10s:100"}}), "RAMP"));
    CHECK(says(refusal({"--vary", "NUM_PROJECTS", "--through", "1", "--hold", "5s"}), "--hold"));
}

TEST_CASE("Knobs without an effect on a sweep are refused") {
    const std::vector<std::string> sweep{"--vary", "QPS", "--through", "1,2"};
    CHECK(says(refusal(sweep, {{"THRESHOLDS", "errors.rate < 1%"}}), "a sweep takes --limit"));
    CHECK(says(refusal(sweep, {{"PUSH_METRICS", "true"}}), "PUSH_METRICS is for runs"));
    CHECK(says(refusal(sweep, {{"METRICS_LISTEN", "127.0.0.1:9090"}}), "METRICS_LISTEN is for runs"));
}

TEST_CASE("Flags of a sweep and of a run are not taken by others") {
    CHECK_THROWS_AS(parse_command_line({"run", "--vary", "QPS"}, {}), UserError);
    CHECK_THROWS_AS(parse_command_line({"sweep", "--repeat", "3"}, {}), UserError);
    CHECK_THROWS_AS(parse_command_line({"run", "--repeat", "2", "--resume", "abc"}, {}), UserError);
    CHECK(parse_command_line({"run", "--repeat", "3"}, {}).repeat == 3);
}

}  // namespace
}  // namespace milo_perf::sweep
