#include <doctest/doctest.h>

#include "report/sweep.hpp"
#include "unit/report/fixture_sweep.hpp"

using namespace milo_perf;

TEST_CASE("sweep of load: a line for each value with its spread, the knee's sentence and the warnings") {
    CHECK(report::sweep_summary(report_test::load_sweep()) == R"(Sweep abc over OBJECT_CONCURRENCY: completed

OBJECT_CONCURRENCY   creates/s      p50      p99  errors    apiserver  memory  etcd  memory   limit
                 4  1,200 ±5 %  2.80 ms  11.0 ms     0 %  0.988 cores     n/a   n/a     n/a    kept
                 8         n/a      n/a      n/a     n/a          n/a     n/a   n/a     n/a  missed

4 keeps it, 8 does not.
warning: The client was starved.
)");
}

TEST_CASE("sweep over Projects: what they added, and slopes with their range, or why there is none") {
    CHECK(report::sweep_summary(report_test::projects_sweep()) == R"(Sweep abc over NUM_PROJECTS: completed

Projects  runs   Ready     apiserver    memory          etcd   memory
     100     3  674 ms  −5.00 mcores  +25.1 MB  +12.0 mcores  +909 kB

etcd_mem_bytes per Project: +14.9 kB (95 %: +6.66 kB to +23.2 kB)
etcd_cpu_cores per Project: −0.0298 mcores (95 %: −0.146 mcores to +0.0862 mcores), not significantly different from 0
apiserver_cpu_cores per Project: n/a (a slope needs three runs)
)");
}

TEST_CASE("slope: told apart from 0 when its confidence interval leaves 0 out, on either side") {
    const auto told_apart = [](std::optional<double> low, std::optional<double> high) {
        return report::slope_text({.figure = "etcd_mem_bytes", .per_project = 1, .low = low, .high = high})
            .differs_from_zero;
    };
    CHECK(told_apart(1, 2));
    CHECK(told_apart(-2, -1));
    CHECK_FALSE(told_apart(-1, 1));
    CHECK_FALSE(told_apart(0, 1));
    CHECK_FALSE(told_apart(std::nullopt, std::nullopt));
}
