#include <doctest/doctest.h>
#include <fmt/format.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <set>
#include <thread>

#include "base/nursery.hpp"
#include "harness.hpp"
#include "kube/json_path.hpp"
#include "kube/watch.hpp"

using namespace milo_perf;
using namespace milo_perf::test;
using namespace std::chrono_literals;

namespace {

/// How long each token and certificate is good. A cluster's shortest is a minute;
/// MILO_PERF_TEST_LIFETIME_SECONDS=60 makes the test as slow.
std::chrono::seconds lifetime() {
    const char* given = std::getenv("MILO_PERF_TEST_LIFETIME_SECONDS");
    const int seconds = given != nullptr ? std::atoi(given) : 0;
    return std::chrono::seconds(seconds > 0 ? seconds : 3);
}

/// Calls `step` again and again on a thread of its own, from construction to destruction.
class Meanwhile {
  public:
    Meanwhile(std::chrono::milliseconds pause, std::function<void()> step)
        : thread_([this, pause, step = std::move(step)] {
              while (!over_) {
                  step();
                  std::this_thread::sleep_for(pause);
              }
          }) {}
    ~Meanwhile() {
        over_ = true;
        thread_.join();
    }
    Meanwhile(const Meanwhile&) = delete;
    Meanwhile& operator=(const Meanwhile&) = delete;

  private:
    std::atomic<bool> over_ = false;
    std::thread thread_;
};

/// Tokens that say when they were issued; the server takes those that are younger than a lifetime.
std::int64_t now_seconds() {
    return std::chrono::duration_cast<std::chrono::seconds>(WallClock::now().time_since_epoch()).count();
}

std::vector<std::string> valid_tokens() {
    std::vector<std::string> tokens;
    // The newest may have been issued since, and whole seconds make a lifetime up to one longer, never
    // shorter.
    for (std::int64_t age = -1; age <= lifetime().count(); ++age)
        tokens.push_back(fmt::format("issued-{}", now_seconds() - age));
    return tokens;
}

/// Creates objects one after another, and watches, over two and a half lifetimes.
void check_that_all_goes_on(Harness& harness) {
    std::set<std::string> seen;
    std::set<std::string> created;
    kube::WatchHandlers handlers;
    handlers.on_object = [&seen](boost::json::object& object) {
        seen.emplace(kube::text_at(object, {"metadata", "name"}));
    };
    handlers.on_deleted = [](boost::json::object&) {};
    handlers.on_listed = [] {};
    handlers.on_notice = [](std::string) {};
    kube::WatchOptions options;
    options.path = configmaps_path;
    // Short, so that watches begin with each credential.
    options.request_length = 1s;
    options.list_series =
        harness.recorder.series("test", stats::Verb::list, "configmaps", stats::Purpose::load);
    options.watch_series =
        harness.recorder.series("test", stats::Verb::watch, "configmaps", stats::Purpose::load);
    harness.server.set_requests_per_connection(5, true);
    Nursery watching(harness.io.get_executor());
    watching.spawn(kube::follow(*harness.client, std::move(options), std::move(handlers)));
    const TimePoint end = Clock::now() + lifetime() * 5 / 2;
    while (Clock::now() < end) {
        const std::string name = fmt::format("c{}", created.size());
        const kube::CreateReply reply = harness.create(name);
        INFO(reply.reply.message);
        CHECK(reply.creation == kube::Creation::created);
        if (reply.creation != kube::Creation::created) break;
        created.insert(name);
        harness.io.restart();
        harness.io.run_for(20ms);
    }
    harness.run([](Nursery& group, std::set<std::string>& all,
                   const std::set<std::string>& wanted) -> boost::asio::awaitable<void> {
        const TimePoint patience = Clock::now() + 20s;
        while (all != wanted && Clock::now() < patience) co_await sleep_until(Clock::now() + 10ms);
        group.cancel();
        co_await group.close();
    }(watching, seen, created));
    CHECK(seen == created);
    CHECK(harness.recorder.at(harness.series).operations_failed == 0);
}

}  // namespace

TEST_CASE("a token file that is rotated") {
    Harness harness;
    const TemporaryFile token(fmt::format("issued-{}", now_seconds()));
    std::string config = harness.server.kubeconfig_text();
    const std::string inline_token = "token: \"fake-token\"";
    config.replace(config.find(inline_token), inline_token.size(),
                   "tokenFile: \"" + token.path().string() + "\"");
    harness.server.set_tokens(valid_tokens());
    harness.use_kubeconfig(config);
    const Meanwhile server(50ms, [&harness] { harness.server.set_tokens(valid_tokens()); });
    // As a kubelet does, at four fifths of the lifetime.
    const Meanwhile rotation(std::chrono::milliseconds(lifetime().count() * 800),
                             [&token] { token.write(fmt::format("issued-{}", now_seconds())); });
    check_that_all_goes_on(harness);
}

TEST_CASE("an exec plugin's token that expires") {
    Harness harness;
    const TemporaryFile plugin(fmt::format(R"sh(#!/bin/sh
now=$(date +%s)
printf '{{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {{"token": "issued-%s",
  "expirationTimestamp": "%s"}}}}' "$now" "$(date -u -d "@$((now + {}))" +%Y-%m-%dT%H:%M:%SZ)"
)sh",
                                           lifetime().count()));
    std::filesystem::permissions(plugin.path(), std::filesystem::perms::owner_all);
    std::string config = harness.server.kubeconfig_text();
    const std::string inline_token = "token: \"fake-token\"";
    config.replace(config.find(inline_token), inline_token.size(),
                   fmt::format("exec: {{apiVersion: client.authentication.k8s.io/v1, command: \"{}\", "
                               "interactiveMode: Never}}",
                               plugin.path().string()));
    harness.server.set_tokens(valid_tokens());
    harness.use_kubeconfig(config);
    const Meanwhile server(50ms, [&harness] { harness.server.set_tokens(valid_tokens()); });
    check_that_all_goes_on(harness);
    // Replaced before they expired.
    CHECK(harness.recorder.at(harness.series).statuses[401] == 0);
}

TEST_CASE("a client certificate that expires") {
    Harness harness;
    const auto issue = [&harness] { return harness.server.issue_client_certificate(lifetime()); };
    const auto first = issue();
    const TemporaryFile certificate(first.first);
    const TemporaryFile key(first.second);
    std::string config = harness.server.kubeconfig_text();
    const std::string inline_token = "token: \"fake-token\"";
    config.replace(config.find(inline_token), inline_token.size(),
                   fmt::format("client-certificate: \"{}\", client-key: \"{}\"", certificate.path().string(),
                               key.path().string()));
    harness.server.set_tokens({});
    harness.use_kubeconfig(config);
    const Meanwhile rotation(std::chrono::milliseconds(lifetime().count() * 500), [&] {
        const auto next = issue();
        // One after the other, as most tools write them: for a moment they do not belong together.
        certificate.write(next.first);
        key.write(next.second);
    });
    check_that_all_goes_on(harness);
}
