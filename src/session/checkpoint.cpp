#include "session/checkpoint.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "base/log.hpp"
#include "base/time_text.hpp"

namespace milo_perf::session {
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

results::Checkpoint checkpoint_of(const Session& session, results::Milestone reached,
                                  const results::Metrics& snapshots) {
    return {.test_id = session.identity.test_id(),
            .org_name = session.identity.org_name(),
            .phase = std::string(name_of(reached).json),
            .timestamp = iso8601(session.origin_wall),
            .settings = config::describe(session.settings),
            .metrics = snapshots};
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
    Result<json::object> read = co_await results.store.read();
    if (read) {
        data = std::move(*read);
    } else {
        log::warn("{}", read.error().sentence);
    }
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

void keep_older_run(json::object& data, std::string_view test_id) {
    const std::string older = text_of(data, "test_id");
    const std::string org_name = text_of(data, "org_name");
    if (older.empty() || org_name.empty() || older == test_id || data.contains(run_key(older))) return;
    data[run_key(older)] = results::checkpoint_to_json(
        {.test_id = older, .org_name = org_name, .phase = text_of(data, "phase")});
    log::warn("run {} has not been cleaned up: milo-perf cleanup --test-id={} removes its Organization {}",
              older, older, org_name);
}

void save_checkpoint(Session& session, results::Milestone reached, const results::Metrics& snapshots) {
    results::Checkpoint checkpoint = checkpoint_of(session, reached, snapshots);
    const Result<> file = results::save_checkpoint(session.settings.out_dir, checkpoint);
    if (!file) session.journal.warning_once(file.error().sentence);
    if (session.results_cluster() == nullptr) return;
    session.results_cluster()->checkpoints.save([checkpoint = std::move(checkpoint)](json::object& data) {
        keep_older_run(data, checkpoint.test_id);
        data[run_key(checkpoint.test_id)] = results::checkpoint_to_json(checkpoint);
        name_newest(data, checkpoint);
    });
}

std::optional<results::Checkpoint> find_checkpoint(const config::Settings& settings,
                                                   const kube::Environment& environment,
                                                   const std::string& test_id) {
    auto on_disk = results::load_checkpoint(settings.out_dir);
    if (on_disk && (test_id.empty() || on_disk->test_id == test_id)) return on_disk;
    Session session(settings, environment, {Part::results_cluster});
    session.open().value();
    if (session.results_cluster() == nullptr) return std::nullopt;
    json::object data;
    session.run(session.until_signal(read_data(*session.results_cluster(), data)));
    if (const auto code = session.signal_code())
        throw UserError("Interrupted while the results ConfigMap was read; nothing was changed.", *code);
    return checkpoint_in(data, test_id);
}

namespace {

/// Takes the run out of the ConfigMap, which other runs may still need.
asio::awaitable<Result<>> forget_in_configmap(ResultsStore& store, std::string test_id) {
    const Result<json::object> data = co_await store.read();
    if (!data) co_return data.error();
    if (data->empty()) co_return Result<>();
    const std::string own = run_key(test_id);
    const bool others = std::any_of(data->begin(), data->end(), [&own](const auto& entry) {
        return is_run_key(entry.key()) && std::string_view(entry.key()) != own;
    });
    const bool newest = text_of(*data, "test_id") == test_id;
    if (!others && newest) co_return co_await store.remove();
    log::info("ConfigMap {} is kept: other runs that are not cleaned up need it", ResultsStore::name);
    DataChange change = [&own, newest](json::object& changed) {
        changed.erase(own);
        // So that the next cleanup without TEST_ID goes on with it.
        if (const auto left = newest_run(changed); newest && left) name_newest(changed, *left);
    };
    co_return co_await store.update(std::move(change));
}

}  // namespace

asio::awaitable<Result<>> forget_run(Session& session) {
    const auto on_disk = results::load_checkpoint(session.settings.out_dir);
    if (on_disk && on_disk->test_id == session.identity.test_id()) {
        const Result<> removed = results::remove_checkpoint(session.settings.out_dir);
        if (!removed) co_return removed;
    }
    if (session.results_cluster() == nullptr) co_return Result<>();
    co_return co_await forget_in_configmap(session.results_cluster()->store, session.identity.test_id());
}

}  // namespace milo_perf::session
