#include "app/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "app/clusters.hpp"
#include "app/event_loop.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/time_text.hpp"

namespace milo_perf::app {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::string_view run_key_prefix = "run.";

std::string run_key(std::string_view test_id) {
    return fmt::format("{}{}", run_key_prefix, test_id);
}

bool is_run_key(std::string_view key) {
    return key.substr(0, run_key_prefix.size()) == run_key_prefix;
}

results::Checkpoint checkpoint_of(const RunState& run, std::string phase) {
    return {.test_id = run.identity.test_id(),
            .org_name = run.identity.org_name(),
            .phase = std::move(phase),
            .timestamp = iso8601(run.origin_wall),
            .settings = config::describe(run.settings),
            .metrics = run.metrics};
}

std::string text_of(const json::object& data, std::string_view key) {
    const json::value* value = data.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<results::Checkpoint> checkpoint_in(const json::object& data, std::string test_id) {
    if (test_id.empty()) test_id = text_of(data, "test_id");
    if (test_id.empty()) return std::nullopt;
    const std::string kept = text_of(data, run_key(test_id));
    if (!kept.empty()) return results::checkpoint_from_json(kept, "ConfigMap perf-results");
    // Written by the runner that milo-perf replaces: its identity is all there is.
    if (text_of(data, "test_id") != test_id) return std::nullopt;
    return results::Checkpoint{
        .test_id = test_id, .org_name = text_of(data, "org_name"), .phase = text_of(data, "phase")};
}

asio::awaitable<void> read_data(ResultsCluster& results, json::object& data) {
    std::string problem;
    data = co_await results.store.read(problem);
    results.client.close();
    if (!problem.empty()) log::warn("{}", problem);
}

/// The newest run that is not cleaned up; entries that cannot be read are passed over.
std::optional<results::Checkpoint> newest_run(const json::object& data) {
    std::optional<results::Checkpoint> newest;
    for (const auto& entry : data) {
        if (!is_run_key(entry.key())) continue;
        try {
            auto kept = results::checkpoint_from_json(text_of(data, entry.key()), ResultsStore::name);
            if (!newest || kept.timestamp > newest->timestamp) newest = std::move(kept);
        } catch (const UserError& problem) {
            log::debug("{}", problem.what());
        }
    }
    return newest;
}

void name_newest(json::object& data, const results::Checkpoint& newest) {
    data["test_id"] = newest.test_id;
    data["org_name"] = newest.org_name;
    data["phase"] = newest.phase;
}

}  // namespace

asio::awaitable<void> save_checkpoint(RunState& run, std::string phase) {
    const results::Checkpoint checkpoint = checkpoint_of(run, std::move(phase));
    const std::string file_problem = results::save_checkpoint(run.settings.out_dir, checkpoint);
    if (!file_problem.empty()) run.journal.warning_once(file_problem);
    if (!run.results_cluster) co_return;
    const std::string kept = results::checkpoint_to_json(checkpoint);
    DataChange change = [&checkpoint, &kept](json::object& data) {
        data[run_key(checkpoint.test_id)] = kept;
        name_newest(data, checkpoint);
    };
    const std::string problem = co_await run.results_cluster->store.update(std::move(change));
    if (!problem.empty()) run.journal.warning_once(problem);
}

std::optional<results::Checkpoint> find_checkpoint(const config::Settings& settings,
                                                   const kube::Environment& environment,
                                                   const std::string& test_id) {
    auto on_disk = results::load_checkpoint(settings.out_dir);
    if (on_disk && (test_id.empty() || on_disk->test_id == test_id)) return on_disk;
    auto cluster = results_cluster(environment);
    if (!cluster) return std::nullopt;
    asio::io_context io(1);
    stats::Recorder recorder(Clock::now());
    ResultsCluster results(io.get_executor(), std::move(*cluster), settings, recorder);
    json::object data;
    run_event_loop(io, read_data(results, data));
    return checkpoint_in(data, test_id);
}

asio::awaitable<std::string> forget_run(RunState& run) {
    std::string problem;
    const auto on_disk = results::load_checkpoint(run.settings.out_dir);
    if (on_disk && on_disk->test_id == run.identity.test_id())
        problem = results::remove_checkpoint(run.settings.out_dir);
    if (!problem.empty() || !run.results_cluster) co_return problem;
    ResultsStore& store = run.results_cluster->store;
    const json::object data = co_await store.read(problem);
    if (!problem.empty() || data.empty()) co_return problem;
    const std::string own = run_key(run.identity.test_id());
    const bool others = std::any_of(data.begin(), data.end(), [&own](const auto& entry) {
        return is_run_key(entry.key()) && std::string_view(entry.key()) != own;
    });
    const bool newest = text_of(data, "test_id") == run.identity.test_id();
    if (!others && newest) {
        problem = co_await store.remove();
        co_return problem;
    }
    log::info("ConfigMap {} stays: it keeps other runs that are not cleaned up", ResultsStore::name);
    DataChange change = [&own, newest](json::object& changed) {
        changed.erase(own);
        // So that the next cleanup without TEST_ID goes on with it.
        if (const auto left = newest_run(changed); newest && left) name_newest(changed, *left);
    };
    problem = co_await store.update(std::move(change));
    co_return problem;
}

}  // namespace milo_perf::app
