#include "workload/project_registry.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace milo_perf;
using namespace std::chrono_literals;
using workload::Ending;
using workload::Identity;
using workload::ProjectRegistry;

namespace {

const TimePoint origin{1000s};
const WallTime origin_wall = WallClock::from_time_t(1777889472);  // 2026-05-04T10:11:12Z

boost::json::object project(const std::string& name, const std::string& ready,
                            const std::string& at = "2026-05-04T10:11:15Z") {
    return boost::json::parse(R"({"metadata": {"name": ")" + name +
                              R"("}, "status": {"conditions": [{"type": "Other", "status": "True"},
                                  {"type": "Ready", "status": ")" +
                              ready +
                              R"(", "reason": "Provisioning", "message": "wait", "lastTransitionTime": ")" +
                              at + R"("}]}})")
        .as_object();
}

struct Registry {
    Identity identity{"t", "o", 3};
    ProjectRegistry registry{identity, 3};

    void create(std::size_t index, Duration sent) {
        registry.created(index, Ending::done, origin + sent, origin + sent + 10ms, "");
    }
    void ready(std::size_t index, Duration seen) {
        registry.observe(project(identity.project_name(static_cast<std::uint32_t>(index)), "True"),
                         origin + seen);
    }
};

}  // namespace

TEST_CASE("time to Ready runs from the first create sent to the last Ready seen") {
    Registry r;
    for (std::size_t i = 0; i < 3; ++i) r.create(i, 1s * static_cast<int>(i + 1));
    CHECK(r.registry.waiting_count() == 3);
    r.ready(1, 5s);
    r.ready(0, 6s);
    CHECK_FALSE(r.registry.all_ready_seconds());
    r.ready(2, 9s);
    CHECK(r.registry.waiting_count() == 0);
    CHECK(r.registry.all_ready_seconds() == doctest::Approx(8.0));
    const auto results = r.registry.to_results(origin, origin_wall);
    CHECK(results[1].ready_seconds == doctest::Approx(3.0));
    CHECK(results[1].create_acknowledged_offset_seconds == doctest::Approx(2.01));
    CHECK(results[1].ready_by_server_offset_seconds == doctest::Approx(3.0));
    CHECK_FALSE(results[1].reason);
}

TEST_CASE("a Project that is not Ready keeps the reason that the server gives") {
    Registry r;
    r.create(0, 0s);
    r.registry.observe(project("o-p-000", "False"), origin + 1s);
    CHECK(r.registry.waiting_count() == 1);
    CHECK(r.registry.to_results(origin, origin_wall)[0].reason == "Provisioning: wait");
}

TEST_CASE("the watch may be faster than the answer to the create") {
    Registry r;
    r.ready(0, 1s);
    CHECK(r.registry.ready_indices().empty());
    r.registry.created(0, Ending::done, origin, origin + 2s, "");
    CHECK(r.registry.ready_indices() == std::vector<std::size_t>{0});
    CHECK(r.registry.waiting_count() == 0);
}

TEST_CASE("events that come twice or late change nothing") {
    Registry r;
    r.create(0, 0s);
    r.ready(0, 2s);
    r.ready(0, 7s);
    r.registry.observe(project("o-p-000", "Unknown"), origin + 8s);
    CHECK(r.registry.ready_count() == 1);
    CHECK(r.registry.to_results(origin, origin_wall)[0].ready_seconds == doctest::Approx(2.0));
}

TEST_CASE("Projects of others are left alone") {
    Registry r;
    r.registry.observe(project("other", "True"), origin);
    CHECK(r.registry.ready_count() == 0);
    CHECK_FALSE(r.registry.observe_deleted(project("other", "True")));
}

TEST_CASE("a Project that is deleted by someone else is no longer Ready nor waited for") {
    Registry r;
    for (std::size_t i = 0; i < 3; ++i) r.create(i, 0s);
    r.ready(0, 1s);
    CHECK(r.registry.observe_deleted(project("o-p-000", "True")));
    CHECK_FALSE(r.registry.observe_deleted(project("o-p-000", "True")));
    CHECK(r.registry.observe_deleted(project("o-p-001", "Unknown")));
    CHECK(r.registry.ready_count() == 0);
    CHECK(r.registry.waiting_count() == 1);
    CHECK(r.registry.to_results(origin, origin_wall)[0].reason ==
          "was Ready, and was deleted during the run");
    CHECK(r.registry.to_results(origin, origin_wall)[1].reason ==
          "was deleted during the run before it was Ready");
    CHECK(r.registry.deleted_count() == 2);
    CHECK(r.registry.deleted_ready_count() == 1);
}

TEST_CASE("what a new list does not name any more is gone, unless it may be younger than the list") {
    Registry r;
    for (std::size_t i = 0; i < 3; ++i) r.create(i, 0s);
    r.ready(0, 1s);
    r.ready(1, 1s);
    r.registry.begin_list();
    r.ready(1, 2s);
    CHECK(r.registry.end_list() == 1);
    CHECK(r.registry.ready_indices() == std::vector<std::size_t>{1});
    CHECK(r.registry.waiting_count() == 1);
}

TEST_CASE("readiness counts those that never got Ready as above the service level") {
    Registry r;
    r.create(0, 0s);
    r.create(1, 0s);
    r.registry.created(2, Ending::failed, origin, origin, "quota");
    r.ready(0, 61s);
    const results::Readiness readiness = r.registry.readiness(60, origin, origin_wall);
    CHECK(readiness.projects == 2);
    CHECK(readiness.ready == 1);
    CHECK(readiness.never_ready == 1);
    CHECK(readiness.above_slo == 2);
    CHECK(readiness.above_slo_share == doctest::Approx(1.0));
    CHECK(readiness.ready_seen.max_seconds == doctest::Approx(61).epsilon(0.001));
    CHECK(r.registry.to_results(origin, origin_wall)[2].reason == "quota");
}

TEST_CASE("an adopted Project is there, with unknown times") {
    Registry r;
    r.registry.adopt(project("o-p-001", "True"), origin);
    CHECK(r.registry.projects()[1].ready());
    const auto result = r.registry.to_results(origin, origin_wall)[1];
    CHECK(result.create_outcome == "existing");
    CHECK_FALSE(result.ready_seconds);
    CHECK_FALSE(r.registry.all_ready_seconds());
    // Of it alone nothing is known about the service level.
    CHECK_FALSE(r.registry.readiness(60, origin, origin_wall).above_slo_share);
    r.create(0, 0s);
    r.ready(0, 61s);
    CHECK(*r.registry.readiness(60, origin, origin_wall).above_slo_share == 1);
}

TEST_CASE("objects without a usable status are no news") {
    Registry r;
    r.create(0, 0s);
    for (const char* text :
         {R"({"metadata": {"name": "o-p-000"}})", R"({"metadata": {"name": "o-p-000"}, "status": 1})",
          R"({"metadata": {"name": "o-p-000"}, "status": {"conditions": {}}})",
          R"({"metadata": {"name": "o-p-000"}, "status": {"conditions": [1, {"type": "Ready"}]}})"}) {
        r.registry.observe(boost::json::parse(text).as_object(), origin);
    }
    CHECK(r.registry.ready_count() == 0);
}
