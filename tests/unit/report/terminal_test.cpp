#include "report/terminal.hpp"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "unit/report/fixture_run.hpp"

using namespace milo_perf;
using namespace milo_perf::report;

TEST_CASE("The summary of a run") {
    CHECK(summary(report_test::typical_run(), false) == R"(Run                  5f3a9c01
Outcome              completed
Organization         perf-5f3a9c01
Workload             100 Projects, each with 100 Secrets and 100 ConfigMaps
Took                 300 s
Client               at 31.0 % of its core
Ready                100 of 100 Projects in 12.5 s (one: p50 2.48 s, p99 3.46 s)

Objects
              wanted  created  existing  failed
  configmaps  10,000   10,000         0       0
  projects       100      100         0       0
  secrets     10,000   10,000         0       0

Creates
              per second      p50     p99   p99.9  slowest  retries  failed
  projects           250  49.8 ms  289 ms  500 ms   500 ms        0       0
  secrets            250  20.0 ms  141 ms  400 ms   400 ms        3       0
  configmaps         250  18.0 ms  127 ms  360 ms   360 ms        0       0

Snapshots
                        Baseline  After Projects  After objects (!)
  apiserver CPU      0.200 cores     0.500 cores        0.700 cores
  apiserver memory      0.400 GB        0.900 GB            1.40 GB
  etcd CPU          0.0500 cores     0.125 cores        0.175 cores
  etcd memory            80.0 MB          180 MB             280 MB
  (!) its window reaches into the load: no figure at rest

Cost
                      per Project  for its objects    per object
  apiserver CPU      +3.00 mcores     +2.00 mcores  +10.0 µcores
  apiserver memory       +5.00 MB         +5.00 MB      +25.0 kB
  etcd CPU          +0.750 mcores    +0.500 mcores  +2.50 µcores
  etcd memory            +1.00 MB         +1.00 MB      +5.00 kB

Thresholds
  passed  secrets.create.p99 < 500ms: within the limit
  FAILED  ready.total < 10s: ready.total is 12.5 s, 2.5 s (25 %) above the limit of 10 s

Warnings
  ! The window of the snapshot after objects reaches into the load.
)");
}

TEST_CASE("Every verb of the load has a table of its own; what supports it has none") {
    auto run = report_test::typical_run();
    run.requests.push_back(run.requests.back());
    run.requests.back().verb = "list";
    CHECK(summary(run, false).find("Lists") == std::string::npos);
    run.requests.back().load = true;
    CHECK(summary(run, false).find(R"(
Lists
              per second      p50     p99   p99.9  slowest  retries  failed
  configmaps         250  18.0 ms  127 ms  360 ms   360 ms        0       0
)") != std::string::npos);
}

TEST_CASE("The summary of a run without figures is n/a, never 0") {
    CHECK(summary(report_test::bare_run(), false) == R"(Run                  00000000
Outcome              failed
Reason               The Organization could not be created: 403 Forbidden.
Organization         n/a
Workload             n/a
Took                 n/a
Ready                n/a

Creates
  none recorded

Snapshots
  none taken: n/a
)");
}

TEST_CASE("Colour changes nothing but colour") {
    const auto run = report_test::typical_run();
    std::string coloured = summary(run, true);
    CHECK(coloured.find("\x1B[32mcompleted\x1B[0m") != std::string::npos);
    CHECK(coloured.find("\x1B[31mFAILED\x1B[0m") != std::string::npos);
    for (auto at = coloured.find('\x1B'); at != std::string::npos; at = coloured.find('\x1B')) {
        coloured.erase(at, coloured.find('m', at) - at + 1);
    }
    CHECK(coloured == summary(run, false));
}

TEST_CASE("Hostile texts stay on their line and send no escape sequence") {
    const std::string plain = summary(report_test::hostile_run("\x1B[2J\r\nforged"), false);
    CHECK(plain.find('\x1B') == std::string::npos);
    CHECK(plain.find('\r') == std::string::npos);
    CHECK(plain.find("\nforged") == std::string::npos);
    CHECK(plain.find("?[2J??forged") != std::string::npos);
}

TEST_CASE("Colour is for terminals that can and users who want it") {
    const int null = ::open("/dev/null", O_WRONLY);
    const int terminal = ::posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(terminal >= 0);
    CHECK(colour_wanted(terminal, nullptr, "xterm"));
    CHECK(colour_wanted(terminal, "", "xterm"));
    CHECK_FALSE(colour_wanted(terminal, "1", "xterm"));
    CHECK_FALSE(colour_wanted(terminal, nullptr, "dumb"));
    CHECK_FALSE(colour_wanted(terminal, nullptr, nullptr));
    CHECK_FALSE(colour_wanted(null, nullptr, "xterm"));
    ::close(null);
    ::close(terminal);
}
