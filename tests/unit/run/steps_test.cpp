#include "run/steps.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace milo_perf;

TEST_CASE("the standard run, in the names that results.json has") {
    std::vector<std::string> phases;
    std::vector<std::string> milestones;
    for (const run::Step& step : run::standard_run()) {
        phases.emplace_back(name_of(step.phase).json);
        if (step.reached) milestones.emplace_back(name_of(*step.reached).json);
    }
    CHECK(phases == std::vector<std::string>{"baseline", "organization", "projects",
                                             "stabilize_after_projects", "snapshot_after_projects", "objects",
                                             "stabilize_after_objects", "snapshot_after_objects"});
    CHECK(milestones == std::vector<std::string>{"init", "org-created", "projects-ready", "projects-measured",
                                                 "objects-created"});
}

TEST_CASE("every snapshot is prepared by a pause, but for the baseline, and taken after it") {
    for (const auto& name : results::snapshot_names) {
        CAPTURE(name.json);
        std::vector<run::Action> actions;
        for (const run::Step& step : run::standard_run()) {
            if (step.snapshot == name.value) actions.push_back(step.action);
        }
        REQUIRE_FALSE(actions.empty());
        CHECK(actions.size() == (name.value == results::SnapshotName::baseline ? 1U : 2U));
        // The first step of a run takes the baseline, and the others are taken in the same way.
        CHECK((actions.back() == run::standard_run().front().action));
    }
}

TEST_CASE("what has to do with objects stands at the end, so that a run without them is whole") {
    bool objects = false;
    for (const run::Step& step : run::standard_run()) {
        CHECK(step.of_objects >= objects);
        objects = step.of_objects;
    }
    CHECK(objects);
}
