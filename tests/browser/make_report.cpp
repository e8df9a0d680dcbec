// Writes the pages that the browser tests open, and the results of one of them: make_report FOLDER.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "report/html.hpp"
#include "report/sweep.hpp"
#include "results/json.hpp"
#include "unit/report/fixture_run.hpp"
#include "unit/report/fixture_sweep.hpp"

namespace {

using namespace milo_perf;

const std::string hostile =
    "</script><script>window.hostile=1</script><img src=x onerror=\"window.hostile=1\">'\"&<!--\u2028\u202E"
    "<svg onload=window.hostile=1>javascript:window.hostile=1";

bool write_file(const std::string& path, const std::string& text) {
    std::ofstream file(path, std::ios::binary);
    file << text;
    file.close();
    if (!file) fmt::print(stderr, "could not write {}\n", path);
    return static_cast<bool>(file);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        fmt::print(stderr, "usage: make_report FOLDER\n");
        return 2;
    }
    const std::string folder = argv[1];
    auto second = report_test::typical_run(100);
    second.test_id = "7b20e4d2";
    second.metrics.after_projects->apiserver_mem_bytes = 1400e6;
    second.projects_ready_seconds = 9.5;
    const bool ok =
        write_file(folder + "/typical.json", results::to_json(report_test::typical_run())) &&
        write_file(folder + "/typical.html", report::html(report_test::typical_run())) &&
        write_file(folder + "/large.html", report::html(report_test::typical_run(2000))) &&
        write_file(folder + "/bare.html", report::html(report_test::bare_run())) &&
        write_file(folder + "/hostile.html", report::html(report_test::hostile_run(hostile))) &&
        write_file(folder + "/load_sweep.html", report::sweep_html(report_test::load_sweep())) &&
        write_file(folder + "/projects_sweep.html", report::sweep_html(report_test::projects_sweep())) &&
        write_file(folder + "/hostile_sweep.html", report::sweep_html(report_test::hostile_sweep(hostile))) &&
        write_file(folder + "/comparison.html", report::comparison_html({report_test::typical_run(), second},
                                                                        {"before.json", "after.json"})) &&
        write_file(folder + "/hostile_comparison.html",
                   report::comparison_html({report_test::hostile_run(hostile), second}, {hostile, hostile}));
    return ok ? 0 : 1;
}
