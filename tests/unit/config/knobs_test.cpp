#include "config/knobs.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>
#include <string>

#include "base/error.hpp"

using namespace milo_perf;
using config::knobs;
using config::KnobTexts;
using config::make_settings;

namespace {

/// The knobs of the runner that milo-perf replaces, with their defaults.
const std::map<std::string, std::string> replaced_runner_defaults{
    {"NS", "milo-system"},
    {"MILO_NAMESPACE", "milo-system"},
    {"APISERVER_POD_REGEX", "milo-apiserver.*"},
    {"ETCD_POD_REGEX", "etcd.*"},
    {"VM_NAMESPACE", "telemetry-system"},
    {"VM_SERVICE_NAME", "vmsingle-telemetry-system-vm-victoria-metrics-k8s-stack"},
    {"VM_PORT", "8428"},
    {"VM_BASE_URL", ""},
    {"MEASURE_WINDOW", "2m"},
    {"NUM_PROJECTS", "100"},
    {"RUN_OBJECTS_PHASE", "true"},
    {"NUM_SECRETS_PER_PROJECT", "100"},
    {"NUM_CONFIGMAPS_PER_PROJECT", "100"},
    {"PROJECT_CONCURRENCY", "4"},
    {"OBJECT_CONCURRENCY", "8"},
    {"STABILIZE_SECONDS", "90"},
    {"ORG_NAME", ""},
    {"MILO_KUBECONFIG_SECRET_NAME", "milo-controller-manager-kubeconfig"},
    {"MILO_KUBECONFIG_SECRET_KEY", "kubeconfig"},
    {"MILO_KUBECONFIG_PATH", "/work/milo-kubeconfig"},
    {"AUTH_BEARER_TOKEN", ""},
    {"RUN_MODE", "run"},
    {"TARGET_NAMESPACE", ""},
    {"OUT_DIR", "/work/out"},
    {"TEST_ID", ""}};

std::string refusal(const KnobTexts& environment, const KnobTexts& flags = {}) {
    try {
        make_settings(environment, flags);
    } catch (const UserError& error) {
        CHECK(error.code() == ExitCode::usage);
        return error.what();
    }
    return {};
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Rows of the README's tables that begin with a knob: name to default, without code marks.
std::map<std::string, std::string> readme_rows() {
    std::ifstream readme(README_PATH);
    REQUIRE(readme.good());
    std::map<std::string, std::string> rows;
    for (std::string line; std::getline(readme, line);) {
        if (line.rfind("| `", 0) != 0) continue;
        const std::size_t name_end = line.find('`', 3);
        const std::string name = line.substr(3, name_end - 3);
        if (name.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != std::string::npos) continue;
        const std::size_t cell = line.find('|', name_end) + 1;
        std::string fallback = line.substr(cell, line.find('|', cell) - cell);
        std::erase_if(fallback, [](char c) { return c == ' ' || c == '`'; });
        rows.emplace(name, fallback);
    }
    return rows;
}

}  // namespace

TEST_CASE("every knob of the replaced runner is there with its default") {
    std::map<std::string, std::string> defaults;
    for (const config::Knob& knob : knobs()) defaults.emplace(knob.name, knob.default_text);
    for (const auto& [name, fallback] : replaced_runner_defaults) {
        CAPTURE(name);
        REQUIRE(defaults.count(name) == 1);
        CHECK(defaults[name] == fallback);
    }
}

TEST_CASE("names are unique, and each knob says what it is and takes") {
    std::set<std::string_view> names;
    for (const config::Knob& knob : knobs()) {
        CHECK(names.insert(knob.name).second);
        CHECK_FALSE(knob.help.empty());
        CHECK_FALSE(knob.kind.empty());
        CHECK_FALSE(knob.takes.empty());
        CHECK_FALSE(knob.group.empty());
    }
}

TEST_CASE("the list of knobs is for scripts: name, kind and description with tabs between them") {
    const std::string list = config::list_knobs();
    CHECK(contains(list, "NUM_PROJECTS\tinteger 1 100000\ta whole number from 1 to 100000\n"));
    CHECK(contains(list, "SAMPLE_SECONDS\tnumber 0 3600\ta number from 0 to 3600\n"));
    CHECK(contains(list, "RUN_MODE\tenum run cleanup\tone of run cleanup\n"));
    CHECK(contains(list, "NS\tlabel\ta namespace\n"));
    CHECK(static_cast<std::size_t>(std::count(list.begin(), list.end(), '\n')) == knobs().size());
}

TEST_CASE("a run's Organization is named by ORG_NAME, or after TEST_ID") {
    CHECK(config::make_settings({{"TEST_ID", "abc"}}, {}).organization() == "perf-abc");
    CHECK(config::make_settings({{"TEST_ID", "abc"}, {"ORG_NAME", "cow"}}, {}).organization() == "cow");
}

TEST_CASE("the README has a row with the default of every knob, and no other") {
    const std::map<std::string, std::string> rows = readme_rows();
    for (const config::Knob& knob : knobs()) {
        const std::string name(knob.name);
        CAPTURE(name);
        REQUIRE(rows.count(name) == 1);
        CHECK(rows.at(name) == knob.default_text);
    }
    CHECK(rows.size() == knobs().size());
}

TEST_CASE("what a knob shows can be given to it again") {
    const config::Settings settings = make_settings({}, {});
    KnobTexts shown;
    for (const auto& [name, text] : config::describe(settings)) shown.emplace(name, text);
    CHECK(config::describe(make_settings(shown, {})) == config::describe(settings));
}

TEST_CASE("flags win over the environment, which wins over defaults") {
    CHECK(make_settings({}, {}).num_projects == 100);
    CHECK(make_settings({{"NUM_PROJECTS", "7"}}, {}).num_projects == 7);
    CHECK(make_settings({{"NUM_PROJECTS", "7"}}, {{"NUM_PROJECTS", "8"}}).num_projects == 8);
    // As in a Job's manifest, where an unset knob is an empty variable.
    CHECK(make_settings({{"NUM_PROJECTS", ""}}, {}).num_projects == 100);
}

TEST_CASE("the VictoriaMetrics URL is made from its three knobs unless it is given") {
    CHECK(
        make_settings({{"VM_NAMESPACE", "n"}, {"VM_SERVICE_NAME", "s"}, {"VM_PORT", "1"}}, {}).vm_base_url ==
        "http://s.n.svc.cluster.local:1");
    CHECK(make_settings({{"VM_PORT", "1"}, {"VM_BASE_URL", "http://localhost:8428"}}, {}).vm_base_url ==
          "http://localhost:8428");
}

TEST_CASE("results go to NS unless TARGET_NAMESPACE says otherwise") {
    CHECK(make_settings({{"NS", "a"}}, {}).target_namespace == "a");
    CHECK(make_settings({{"NS", "a"}, {"TARGET_NAMESPACE", "b"}}, {}).target_namespace == "b");
}

TEST_CASE("a text that is not of its kind is refused with the knob's name and what it takes") {
    struct Case {
        const char* knob;
        const char* text;
        const char* wanted;
    };
    const Case cases[] = {{"NUM_PROJECTS", "many", "a whole number from 1 to 100000"},
                          {"NUM_PROJECTS", "0", "a whole number from 1 to 100000"},
                          {"NUM_PROJECTS", "-1", "a whole number"},
                          {"NUM_PROJECTS", "1e3", "a whole number"},
                          {"NUM_PROJECTS", "99999999999999999999", "a whole number"},
                          {"RUN_OBJECTS_PHASE", "maybe", "true or false"},
                          {"MEASURE_WINDOW", "2", "a Prometheus duration"},
                          {"MEASURE_WINDOW", "1s", "at least 2s"},
                          {"STABILIZE_SECONDS", "nan", "a number"},
                          {"STABILIZE_SECONDS", "-1", "a number"},
                          {"VM_PORT", "65536", "a whole number from 1 to 65535"},
                          {"ARRIVAL", "random", "one of uniform poisson"},
                          {"RUN_MODE", "sweep", "one of run cleanup"},
                          {"LOG_LEVEL", "loud", "one of debug info warn error"},
                          {"VM_BASE_URL", "ftp://x", "not an http or https URL"},
                          {"ORG_NAME", "Perf_Cow", "not a valid Organization name"},
                          {"TEST_ID", "a/b", "not a valid label value"},
                          {"NS", "Name Space", "not a valid namespace"}};
    for (const Case& c : cases) {
        INFO(c.knob, "=", std::string(c.text));
        const std::string sentence = refusal({{c.knob, c.text}});
        CHECK(contains(sentence, c.knob));
        CHECK(contains(sentence, c.wanted));
        CHECK(sentence.find('\n') == std::string::npos);
    }
    CHECK(contains(refusal({}, {{"NUM_PROJECTS", "x"}}), "--num-projects"));
}

TEST_CASE("names that Milo would refuse are refused before anything is created") {
    const std::string long_name(52, 'a');
    CHECK(contains(refusal({{"ORG_NAME", long_name}}), "too long"));
    CHECK(refusal({{"ORG_NAME", std::string(49, 'a')}}).empty());
    // Six digits for 100,000 Projects leave less for the name.
    CHECK(contains(refusal({{"ORG_NAME", std::string(49, 'a')}, {"NUM_PROJECTS", "100000"}}), "too long"));
    // The Organization is named after the test id.
    CHECK(contains(refusal({{"TEST_ID", std::string(50, 'a')}}), "too long"));
}

TEST_CASE("combinations that make no sense are refused") {
    CHECK(contains(refusal({{"QPS", "10"}, {"RAMP", "10s@5"}}), "mutually exclusive"));
    CHECK(contains(refusal({{"BURST", "10"}}), "BURST needs QPS"));
}

TEST_CASE("the load model is that of the phases that the run has") {
    const auto model = [](const config::KnobTexts& knobs) {
        return std::string(config::make_settings({}, knobs).load_model());
    };
    CHECK(model({}) == "closed");
    CHECK(model({{"QPS", "10"}}) == "mixed");
    CHECK(model({{"QPS", "10"}, {"PROJECT_QPS", "5"}}) == "open");
    CHECK(model({{"PROJECT_QPS", "5"}, {"RUN_OBJECTS_PHASE", "false"}}) == "open");
    CHECK(model({{"QPS", "10"}, {"RUN_OBJECTS_PHASE", "false"}}) == "closed");
}

TEST_CASE("a secret is neither shown nor repeated in a refusal") {
    const config::Settings settings =
        make_settings({{"AUTH_BEARER_TOKEN", "s3cret"}, {"VM_BASE_URL", "http://u:hunter2@vm:8428/x"}}, {});
    CHECK(settings.auth_bearer_token == "s3cret");
    for (const auto& [name, text] : config::describe(settings)) {
        CHECK_FALSE(contains(text, "s3cret"));
        CHECK_FALSE(contains(text, "hunter2"));
    }
    CHECK(config::describe(settings).at("VM_BASE_URL") == "http://[redacted]@vm:8428/x");
}
