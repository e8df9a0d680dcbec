#include "workload/identity.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace milo_perf;
using workload::Identity;

TEST_CASE("names are those of the replaced runner") {
    const Identity identity("0badcafe", "", 100);
    CHECK(identity.org_name() == "perf-0badcafe");
    CHECK(identity.project_name(7) == "perf-0badcafe-p-007");
    CHECK(identity.label_selector() == "app=milo-perf,test-id=0badcafe");
    CHECK(Identity("x", "perf-cow", 1).project_name(0) == "perf-cow-p-000");
}

TEST_CASE("with more than a thousand Projects all names have the same length") {
    const Identity identity("x", "o", 5000);
    CHECK(identity.project_name(3) == "o-p-0003");
    CHECK(identity.project_name(4999) == "o-p-4999");
}

TEST_CASE("test ids are eight hex digits and differ") {
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i) {
        const std::string id = workload::random_test_id();
        CHECK(id.size() == 8);
        CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
        ids.insert(id);
    }
    CHECK(ids.size() > 95);
}
