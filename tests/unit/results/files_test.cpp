#include "results/files.hpp"

#include <doctest/doctest.h>
#include <stdlib.h>
#include <unistd.h>

#include <boost/json/parse.hpp>
#include <fstream>

#include "base/error.hpp"
#include "results/configmap.hpp"
#include "results/json.hpp"
#include "run_fixture.hpp"

using namespace milo_perf;
namespace fs = std::filesystem;

namespace {

struct Folder {
    Folder() {
        std::string name = (fs::temp_directory_path() / "results-test-XXXXXX").string();
        REQUIRE(::mkdtemp(name.data()) != nullptr);
        path = name;
    }
    ~Folder() { fs::remove_all(path); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    std::size_t files() const {
        return static_cast<std::size_t>(
            std::distance(fs::directory_iterator(path), fs::directory_iterator{}));
    }
    fs::path path;
};

std::string html(const results::Run& run) {
    return "<html>" + std::string(200000, 'x') + results::to_json(run) + "</html>";
}

}  // namespace

TEST_CASE("a run's files are saved and read back; missing folders are made") {
    const Folder folder;
    const fs::path out = folder.path / "a" / "b";
    const auto run = results::fixture::run();
    const auto saved = results::save_run(out, run, html);
    CHECK(saved.ok());
    CHECK(results::read_file(saved.meta_txt) == "test_id=0badcafe\norg_name=perf-0badcafe\n");
    CHECK(results::read_file(saved.report_html) == html(run));
    CHECK(results::fixture::rounded(results::to_json(results::load_run(saved.results_json))) ==
          results::fixture::rounded(results::to_json(run)));
    CHECK(std::distance(fs::directory_iterator(out), fs::directory_iterator{}) == 3);
}

TEST_CASE("a folder that cannot be written is told beforehand, and nothing is made") {
    const Folder folder;
    CHECK(results::check_folder(folder.path).has_value());
    CHECK(results::check_folder(folder.path / "a" / "b").has_value());
    CHECK(folder.files() == 0);
    std::ofstream(folder.path / "file") << "x";
    for (const fs::path& blocked : {folder.path / "file", folder.path / "file" / "below"}) {
        const std::string problem = results::check_folder(blocked).error().sentence;
        CHECK(problem.find(blocked.string() + " could not be written: Not a directory") == 0);
        CHECK(problem.find("OUT_DIR") != std::string::npos);
    }
    // Root may write anywhere.
    if (::geteuid() == 0) return;
    fs::permissions(folder.path, fs::perms::owner_read | fs::perms::owner_exec);
    CHECK(results::check_folder(folder.path / "a").error().sentence.find("Permission denied") !=
          std::string::npos);
    fs::permissions(folder.path, fs::perms::owner_all);
}

TEST_CASE("a report that fails does not cost the results") {
    const Folder folder;
    const auto saved =
        results::save_run(folder.path, results::fixture::run(),
                          [](const results::Run&) -> std::string { throw std::runtime_error("no chart"); });
    CHECK(saved.report_html.empty());
    REQUIRE(saved.problems.size() == 1);
    CHECK(saved.problems[0].find("no chart") != std::string::npos);
    CHECK(fs::exists(folder.path / "results.json"));
}

TEST_CASE("what cannot be written says so and leaves nothing half-way") {
    const Folder folder;
    fs::create_directories(folder.path / "results.json" / "in-the-way");
    const auto saved = results::save_run(folder.path, results::fixture::run(), html);
    CHECK(saved.results_json.empty());
    REQUIRE(saved.problems.size() == 1);
    CHECK(saved.problems[0].find("results.json could not be written") != std::string::npos);
    CHECK(folder.files() == 3);

    CHECK(results::write_atomically(folder.path / "f", "text").has_value());
    CHECK(results::write_atomically(folder.path / "f" / "below", "x")
              .error()
              .sentence.find("could not be made") != std::string::npos);
    CHECK(results::read_file(folder.path / "f") == "text");
    CHECK(results::write_atomically("/dev/full/x", "x").error().sentence.find("could not be") !=
          std::string::npos);
}

TEST_CASE("files are for their owner alone unless said otherwise") {
    const Folder folder;
    REQUIRE(results::write_atomically(folder.path / "own", "x").has_value());
    REQUIRE(results::write_atomically(folder.path / "shown", "x", 0644).has_value());
    CHECK(fs::status(folder.path / "own").permissions() == fs::perms{0600});
    CHECK((fs::status(folder.path / "shown").permissions() & fs::perms{0600}) == fs::perms{0600});
}

TEST_CASE("only regular files of bounded size are read") {
    const Folder folder;
    REQUIRE(results::write_atomically(folder.path / "f", "12345").has_value());
    CHECK(results::read_file(folder.path / "f", 5) == "12345");
    CHECK_THROWS_AS(results::read_file(folder.path / "f", 4), UserError);
    CHECK_THROWS_AS(results::read_file(folder.path), UserError);
    CHECK_THROWS_AS(results::read_file(folder.path / "none"), UserError);
    CHECK_THROWS_AS(results::read_file("/dev/zero"), UserError);
}

TEST_CASE("a checkpoint survives its process") {
    const Folder folder;
    CHECK_FALSE(results::load_checkpoint(folder.path));
    const results::Checkpoint written{.test_id = "0badcafe",
                                      .org_name = "perf-x",
                                      .phase = "init",
                                      .timestamp = "t",
                                      .settings = {{"NUM_PROJECTS", "5"}}};
    CHECK(results::save_checkpoint(folder.path, written).has_value());
    const auto read = results::load_checkpoint(folder.path);
    REQUIRE(read);
    CHECK(read->test_id == "0badcafe");
    CHECK(read->org_name == "perf-x");
    CHECK(read->phase == "init");
    CHECK(read->settings == written.settings);
    CHECK(results::remove_checkpoint(folder.path).has_value());
    CHECK(results::remove_checkpoint(folder.path).has_value());
    CHECK_FALSE(results::load_checkpoint(folder.path));
    CHECK(
        results::write_atomically(results::checkpoint_path(folder.path), "{\"phase\":\"init\"}").has_value());
    CHECK_THROWS_AS(results::load_checkpoint(folder.path), UserError);
}

TEST_CASE("a run that fits goes into the ConfigMap as it is") {
    const auto run = results::fixture::run();
    const auto copy = results::fit_configmap(run, html);
    CHECK_FALSE(copy.thinned);
    CHECK(copy.results_json == results::to_json(run));
    CHECK(copy.report_html == html(run));
}

TEST_CASE("thinning reaches every limit, says so, and keeps the replaced runner's keys") {
    auto run = results::fixture::run(5000, 2, 3600);
    run.projects[4321].create_outcome = "failed";
    run.projects[4321].ready_seconds.reset();
    run.projects[17].ready_seconds = 300;
    for (const std::size_t kib : {64, 100, 300, 500, 960}) {
        CAPTURE(kib);
        const auto copy = results::fit_configmap(run, html, kib * 1024);
        CHECK(copy.bytes <= kib * 1024);
        CHECK(copy.bytes ==
              results::json_string_size(copy.results_json) + results::json_string_size(copy.report_html));
        CHECK(copy.thinned);
        const auto read = results::from_json(copy.results_json, "copy");
        CHECK(read.thinned);
        REQUIRE_FALSE(read.warnings.empty());
        CHECK(read.warnings[0].find("complete") != std::string::npos);
        CHECK(read.num_projects == 5000);
        CHECK(*read.metrics.after_secrets->etcd_mem_bytes == *run.metrics.after_secrets->etcd_mem_bytes);
        if (kib < 500) continue;
        CHECK_FALSE(copy.report_html.empty());
        std::uint64_t finished = 0;
        for (const auto& point : read.timeline) finished += point.finished;
        CHECK(finished == 3600 * 799);
        CHECK(read.timeline.front().offset_seconds == 0);
        const auto has = [&read](std::string_view name) {
            return std::any_of(read.projects.begin(), read.projects.end(),
                               [name](const auto& one) { return one.name == name; });
        };
        CHECK(has(run.projects[4321].name));
        CHECK(has(run.projects[17].name));
    }
}

TEST_CASE("the size of a text in JSON counts its escapes") {
    CHECK(results::json_string_size("ab") == 4);
    CHECK(results::json_string_size("a\"\n\x01") == 2 + 1 + 2 + 2 + 6);
}
