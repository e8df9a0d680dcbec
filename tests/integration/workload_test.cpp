#include <doctest/doctest.h>
#include <fmt/format.h>

#include <thread>

#include "base/error.hpp"
#include "config/settings.hpp"
#include "harness.hpp"
#include "workload/cleanup.hpp"
#include "workload/objects.hpp"
#include "workload/organization.hpp"
#include "workload/projects.hpp"

using namespace milo_perf;
using namespace milo_perf::test;
using fake_milo::Effect;
using fake_milo::Fault;
using fake_milo::Milliseconds;
using fake_milo::refuse;

namespace {

/// A whole workload of 6 Projects with 5 Secrets and 4 ConfigMaps each.
class Workload {
  public:
    explicit Workload(Harness& harness, config::KnobTexts extra = {})
        : harness_(harness), settings_(make(std::move(extra))) {}

    boost::asio::awaitable<void> create() {
        const workload::Context at = context();
        co_await workload::create_organization(at);
        co_await workload::create_projects(at, registry);
        std::vector<std::string> ready;
        for (const std::size_t index : registry.ready_indices()) {
            ready.push_back(registry.projects()[index].name);
        }
        co_await workload::create_objects(at, std::move(ready));
    }

    boost::asio::awaitable<workload::CleanupReport> clean() {
        const workload::Context at = context();
        workload::CleanupReport report = co_await workload::clean_up(at);
        co_return report;
    }

  private:
    static config::Settings make(config::KnobTexts knobs) {
        knobs.insert({{"NUM_PROJECTS", "6"},
                      {"NUM_SECRETS_PER_PROJECT", "5"},
                      {"NUM_CONFIGMAPS_PER_PROJECT", "4"},
                      {"READY_TIMEOUT_SECONDS", "20"}});
        return config::make_settings({}, knobs);
    }

    workload::Context context() {
        return {settings_, identity_, *harness_.client, harness_.recorder, journal, tallies, origin_, wall_};
    }

    Harness& harness_;
    config::Settings settings_;
    workload::Identity identity_{"0123abcd", "", 6};
    TimePoint origin_ = Clock::now();
    WallTime wall_ = WallClock::now();

  public:
    workload::Journal journal{Clock::now()};
    workload::Tallies tallies;
    workload::ProjectRegistry registry{identity_, 6};
};

void check_complete(Harness& harness, Workload& work) {
    const fake_milo::Stats stats = harness.server.stats();
    CHECK(work.registry.ready_count() == 6);
    CHECK(stats.objects_of("projects") == 6);
    CHECK(stats.objects_of("secrets") == 30);
    CHECK(stats.objects_of("configmaps") == 24);
    CHECK(stats.created_twice.empty());
    for (const auto& [resource, expected] :
         {std::pair<const char*, std::uint64_t>{"projects", 6}, {"secrets", 30}, {"configmaps", 24}}) {
        CAPTURE(resource);
        const results::ObjectCount& count = work.tallies.at(resource);
        CHECK(count.created + count.existing == expected);
        CHECK(count.failed == 0);
    }
}

}  // namespace

TEST_CASE("a run creates exactly what it says, and cleanup removes it, twice without harm") {
    Harness harness;
    Workload work(harness);
    harness.run(work.create());
    check_complete(harness, work);
    CHECK(harness.server.stats().requests_of("create secrets") == 30);
    CHECK(work.journal.failures() == 0);
    CHECK(harness.run(work.clean()).complete());
    for (const char* resource : {"organizations", "projects", "secrets", "configmaps"}) {
        CHECK(harness.server.stats().objects_of(resource) == 0);
    }
    CHECK(harness.run(work.clean()).complete());
}

TEST_CASE("faults at one request in ten of every sort leave the counts exact") {
    Harness harness;
    for (const Effect effect :
         {Effect::reset_before_body, Effect::reset_before_store, Effect::reset_after_store,
          Effect::reset_in_answer, Effect::close_after_answer}) {
        Fault fault;
        fault.match = {.method = "create", .probability = 0.03};
        fault.effect = effect;
        harness.server.add_fault(fault);
    }
    for (const int status : {429, 502, 503, 504}) {
        harness.server.add_fault(refuse({.method = "create", .probability = 0.03}, status));
    }
    Workload work(harness);
    harness.run(work.create());
    check_complete(harness, work);
    CHECK(harness.run(work.clean()).complete());
}

TEST_CASE("a refused quota is said once with its count, and the rest goes on") {
    Harness harness;
    harness.server.add_fault(
        refuse({.method = "create", .path = "/secrets"}, 403, {},
               R"({"kind":"Status","message":"insufficient quota","reason":"Forbidden","code":403})"));
    Workload work(harness);
    harness.run(work.create());
    CHECK(work.tallies.at("secrets").failed == 30);
    CHECK(work.tallies.at("configmaps").created == 24);
    CHECK(harness.server.stats().requests_of("create secrets") == 30);
    CHECK(work.journal.main_failure().find("insufficient quota") != std::string::npos);
    CHECK(work.journal.main_failure().find("30 times") != std::string::npos);
}

TEST_CASE("Projects deleted by someone else are noticed, not waited for") {
    fake_milo::Options options;
    options.controller.enabled = false;
    Harness harness(options);
    Workload work(harness);
    // Ready but for the last, which is deleted in its place.
    std::thread other([&harness] {
        const std::string path = "/apis/resourcemanager.miloapis.com/v1alpha1/projects/perf-0123abcd-p-";
        while (harness.server.stats().objects_of("projects") < 6) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
        for (int i = 0; i < 5; ++i) {
            harness.server.set_project_condition(fmt::format("perf-0123abcd-p-{:03}", i), true, "Ready");
        }
        harness.server.delete_object(path + "005");
    });
    harness.run(work.create());
    other.join();
    CHECK(work.registry.ready_count() == 5);
    CHECK(harness.server.stats().objects_of("secrets") == 25);
    CHECK_FALSE(work.journal.events().empty());
}

TEST_CASE("Projects that never get Ready end with the deadline") {
    fake_milo::Options options;
    options.controller.never_ready_share = 1;
    Harness harness(options);
    Workload work(harness, {{"READY_TIMEOUT_SECONDS", "1"}});
    harness.run(work.create());
    CHECK(work.registry.ready_count() == 0);
    CHECK(harness.server.stats().objects_of("projects") == 6);
    CHECK_FALSE(work.registry.all_ready_seconds());
}

TEST_CASE("without the API's CRDs the run ends with a sentence") {
    Harness harness;
    harness.server.add_fault(refuse({.method = "create", .path = "organizations"}, 404));
    Workload work(harness);
    CHECK_THROWS_AS(harness.run(work.create()), UserError);
    CHECK(harness.server.stats().requests == 1);
}
