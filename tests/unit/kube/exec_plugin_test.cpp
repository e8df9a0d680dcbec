#include "kube/exec_plugin.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <fstream>
#include <iterator>

#include "kube/rfc3339.hpp"
#include "unit/kube/kube_test_support.hpp"

using namespace milo_perf;
using namespace milo_perf::kube;
using test::contains;

namespace {

constexpr const char* v1 = "client.authentication.k8s.io/v1";
constexpr const char* v1beta1 = "client.authentication.k8s.io/v1beta1";

ExecPlugin plugin_of(const std::string& command, const char* api_version = v1) {
    ExecPlugin plugin;
    plugin.api_version = api_version;
    plugin.command = command;
    plugin.interactive_mode = InteractiveMode::never;
    return plugin;
}

/// An ExecCredential with the given members of its status.
std::string credential(std::string_view status, const char* api_version = v1) {
    return fmt::format(R"({{"apiVersion": "{}", "kind": "ExecCredential", "status": {{{}}}}})", api_version,
                       status);
}

std::string quoted(const std::string& text) {
    return boost::json::serialize(boost::json::value(text));
}

const WallTime noon = *parse_rfc3339("2026-03-01T12:00:00Z");

/// A shell script that prints what the shell command `output` prints, and notes each start.
std::filesystem::path counting_script(const test::TempFolder& folder, const std::string& output) {
    return folder.write_script("plugin", fmt::format("#!/bin/sh\necho started >>'{}'\n{}\n",
                                                     (folder.path() / "starts").string(), output));
}

std::size_t starts(const test::TempFolder& folder) {
    std::ifstream file(folder.path() / "starts");
    return static_cast<std::size_t>(
        std::count(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), '\n'));
}

std::string printing(const std::string& json) {
    return fmt::format("cat <<'END'\n{}\nEND", json);
}

}  // namespace

TEST_CASE("a plugin's standard input follows interactiveMode") {
    CHECK(runs_interactively(InteractiveMode::never, true) == false);
    CHECK(runs_interactively(InteractiveMode::never, false) == false);
    CHECK(runs_interactively(InteractiveMode::if_available, true) == true);
    CHECK(runs_interactively(InteractiveMode::if_available, false) == false);
    CHECK(runs_interactively(InteractiveMode::always, true) == true);
    CHECK_FALSE(runs_interactively(InteractiveMode::always, false));
}

TEST_CASE("KUBERNETES_EXEC_INFO says the version, the terminal, and the cluster when it is to be told") {
    for (const char* version : {v1, v1beta1}) {
        ExecPlugin plugin = plugin_of("login", version);
        const boost::json::value plain = boost::json::parse(exec_info(plugin, false));
        CHECK(plain.at("apiVersion").as_string() == version);
        CHECK(plain.at("kind").as_string() == "ExecCredential");
        CHECK_FALSE(plain.at("spec").at("interactive").as_bool());
        CHECK_FALSE(plain.at("spec").as_object().contains("cluster"));
        plugin.cluster_json = R"({"server": "https://a:6443", "config": {"audience": "7"}})";
        const boost::json::value told = boost::json::parse(exec_info(plugin, true));
        CHECK(told.at("spec").at("interactive").as_bool());
        CHECK(told.at("spec").at("cluster").at("config").at("audience").as_string() == "7");
    }
}

TEST_CASE("credentials that a plugin prints") {
    const auto parse = [](const std::string& output, const char* version) {
        return parse_exec_credential(plugin_of("login", version), output, noon);
    };
    for (const char* version : {v1, v1beta1}) {
        const FetchedCredentials token = parse(credential(R"("token": "abc")", version), version);
        CHECK(token.problem.empty());
        CHECK(token.authorization == "Bearer abc");
        CHECK_FALSE(token.lifetime);
        const FetchedCredentials expiring = parse(
            credential(R"("token": "abc", "expirationTimestamp": "2026-03-01T12:10:00Z")", version), version);
        CHECK(expiring.lifetime == Duration(std::chrono::minutes(10)));
    }
    const test::TestCertificate mine = test::make_certificate();
    const FetchedCredentials certificate =
        parse_exec_credential(plugin_of("login"),
                              credential(fmt::format(R"("clientCertificateData": {}, "clientKeyData": {})",
                                                     quoted(mine.certificate_pem), quoted(mine.key_pem))),
                              WallClock::now());
    CHECK(certificate.problem.empty());
    CHECK(certificate.authorization.empty());
    CHECK(certificate.client_certificate == ClientCertificate{mine.certificate_pem, mine.key_pem});
}

TEST_CASE("a plugin may print YAML") {
    const auto parse = [](const std::string& output) {
        return parse_exec_credential(plugin_of("login"), output, noon);
    };
    const FetchedCredentials block = parse(
        "---\napiVersion: client.authentication.k8s.io/v1\nkind: ExecCredential\nstatus:\n  token: abc\n"
        "  expirationTimestamp: 2026-03-01T12:10:00Z\n");
    CHECK(block.problem.empty());
    CHECK(block.authorization == "Bearer abc");
    CHECK(block.lifetime == Duration(std::chrono::minutes(10)));
    CHECK(parse("{kind: ExecCredential, apiVersion: client.authentication.k8s.io/v1, status: {token: 'x'}}")
              .authorization == "Bearer x");
    CHECK(parse("s: &s {token: merged}\nkind: ExecCredential\napiVersion: client.authentication.k8s.io/v1\n"
                "status: {<<: *s}\n")
              .authorization == "Bearer merged");
    const FetchedCredentials broken = parse("kind: [hunter2");
    CHECK(contains(broken.problem, "neither JSON nor YAML"));
    CHECK_FALSE(contains(broken.problem, "hunter2"));
}

TEST_CASE("what a plugin must not print ends in a sentence that names the plugin and holds no token") {
    const test::TestCertificate mine = test::make_certificate();
    const test::TestCertificate other = test::make_certificate();
    struct Case {
        std::string output;
        const char* part;
    };
    const Case cases[] = {
        {"", "no object in JSON or YAML"},
        {"hunter2", "no object in JSON or YAML"},
        {"[]", "no object in JSON or YAML"},
        {R"({"apiVersion": "client.authentication.k8s.io/v1", "kind": "Token", "status": {"token": "hunter2"}})",
         "its kind is another"},
        {credential(R"("token": "hunter2")", v1beta1), "its apiVersion is not the kubeconfig's"},
        {R"({"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential"})",
         "it has no status"},
        {credential(""), "neither a token nor a client certificate"},
        {credential(R"("token": 7)"), "neither a token nor a client certificate"},
        {credential(R"("token": "hunter2\nX-Other: 1")"), "its token holds a line break"},
        {credential(R"("token": "hunter2", "expirationTimestamp": "tomorrow")"), "no RFC 3339 time"},
        {credential(R"("clientKeyData": "hunter2")"), "only one of clientCertificateData and clientKeyData"},
        {credential(fmt::format(R"("clientCertificateData": {}, "clientKeyData": {})",
                                quoted(mine.certificate_pem), quoted(other.key_pem))),
         "key"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.output);
        const FetchedCredentials fetched =
            parse_exec_credential(plugin_of("login"), c.output, WallClock::now());
        CHECK(contains(fetched.problem, "'login'"));
        CHECK(contains(fetched.problem, c.part));
        CHECK_FALSE(contains(fetched.problem, "hunter2"));
        CHECK_FALSE(contains(fetched.problem, "PRIVATE"));
        CHECK(fetched.authorization.empty());
    }
}

TEST_CASE("a plugin runs when its credentials are first needed, and not again while they are good") {
    const test::TempFolder folder;
    const auto script = counting_script(folder, printing(credential(R"("token": "abc")")));
    const auto credentials = make_exec_credentials(plugin_of(script.string()), process_environment());
    CHECK(starts(folder) == 0);
    CHECK(credentials->refresh_due(Clock::now()));
    boost::asio::io_context context;
    CHECK(test::run(context, credentials->refresh()).empty());
    CHECK(credentials->authorization() == "Bearer abc");
    CHECK(starts(folder) == 1);
    CHECK_FALSE(credentials->refresh_due(Clock::now() + std::chrono::hours(24)));
    credentials->invalidate("Bearer another", credentials->client_certificate_generation());
    CHECK_FALSE(credentials->refresh_due(Clock::now()));
    credentials->invalidate("Bearer abc", credentials->client_certificate_generation());
    CHECK(credentials->refresh_due(Clock::now()));
}

TEST_CASE("a plugin runs again before its credentials expire") {
    const test::TempFolder folder;
    const auto script = counting_script(
        folder, fmt::format("date -u -d '+100 seconds' '+{}'",
                            credential(R"("token": "abc", "expirationTimestamp": "%Y-%m-%dT%H:%M:%SZ")")));
    const auto credentials = make_exec_credentials(plugin_of(script.string()), process_environment());
    boost::asio::io_context context;
    REQUIRE(test::run(context, credentials->refresh()).empty());
    CHECK_FALSE(credentials->refresh_due(Clock::now()));
    CHECK(credentials->refresh_due(Clock::now() + std::chrono::seconds(90)));
}

TEST_CASE("requests that need credentials at the same time start the plugin once") {
    const test::TempFolder folder;
    const auto script = counting_script(folder, "sleep 0.2\n" + printing(credential(R"("token": "abc")")));
    const auto credentials = make_exec_credentials(plugin_of(script.string()), process_environment());
    boost::asio::io_context context;
    int good = 0;
    for (int i = 0; i < 20; ++i)
        boost::asio::co_spawn(context, credentials->refresh(),
                              [&](std::exception_ptr error, const std::string& problem) {
                                  if (!error && problem.empty()) ++good;
                              });
    context.run();
    CHECK(good == 20);
    CHECK(starts(folder) == 1);
}

TEST_CASE("a plugin gets its arguments, its environment, the cluster, and no standard input") {
    const test::TempFolder folder;
    const auto script = folder.write_script(
        "plugin", fmt::format("#!/bin/sh\n{{ echo \"$1|$2|$EXTRA|$INHERITED\"; cat; echo "
                              "\"$KUBERNETES_EXEC_INFO\"; }} >'{}'\n{}\n",
                              (folder.path() / "seen").string(), printing(credential(R"("token": "abc")"))));
    ExecPlugin plugin = plugin_of(script.string());
    plugin.args = {"get token", "$HOME"};
    plugin.env = {{"EXTRA", "own"}};
    plugin.cluster_json = R"({"server":"https://a"})";
    Environment environment = process_environment();
    environment["INHERITED"] = "yes";
    environment["EXTRA"] = "inherited";
    const auto credentials = make_exec_credentials(plugin, environment);
    boost::asio::io_context context;
    REQUIRE(test::run(context, credentials->refresh()).empty());
    std::ifstream seen(folder.path() / "seen");
    std::string line;
    std::getline(seen, line);
    CHECK(line == "get token|$HOME|own|yes");
    std::getline(seen, line);
    CHECK(boost::json::parse(line).at("spec").at("cluster").at("server").as_string() == "https://a");
}

TEST_CASE(
    "a plugin that fails is named with the reason and its install hint, and tried again after a pause") {
    const test::TempFolder folder;
    ExecPlugin plugin = plugin_of(counting_script(folder, "echo hunter2; exit 3").string());
    plugin.install_hint = "install the login tool";
    const auto credentials = make_exec_credentials(plugin, process_environment());
    boost::asio::io_context context;
    const std::string problem = test::run(context, credentials->refresh());
    CHECK(contains(problem, "it ended with exit code 3 (its install hint: install the login tool)"));
    CHECK_FALSE(contains(problem, "hunter2"));
    CHECK(credentials->authorization().empty());
    CHECK_FALSE(credentials->refresh_due(Clock::now()));
    CHECK(credentials->refresh_due(Clock::now() + RefreshSchedule::longest_pause));

    const auto missing =
        make_exec_credentials(plugin_of((folder.path() / "gone").string()), process_environment());
    CHECK(
        contains(test::run(context, missing->refresh()), "could not be started (No such file or directory)"));
}

TEST_CASE("a plugin that must have a terminal is refused without one") {
    if (isatty(STDIN_FILENO) == 1) return;
    const test::TempFolder folder;
    ExecPlugin plugin = plugin_of(counting_script(folder, "true").string());
    plugin.interactive_mode = InteractiveMode::always;
    boost::asio::io_context context;
    CHECK(contains(test::run(context, make_exec_credentials(plugin, process_environment())->refresh()),
                   "wants a terminal (interactiveMode Always)"));
    CHECK(starts(folder) == 0);
}
