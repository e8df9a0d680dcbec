#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "results/files.hpp"
#include "results/names.hpp"
#include "session/session.hpp"

/// The checkpoint of a run that has begun, in OUT_DIR and in the results ConfigMap, so that it can be cleaned
/// up or resumed whatever happens to this process. In the ConfigMap each run that is not cleaned up has a key
/// of its own, `run.<test_id>`; `test_id`, `org_name` and `phase` are those of the newest.
namespace milo_perf::session {

/// Saves how far the run has come, and the snapshots that it has taken, in both places; in the ConfigMap by
/// the ResultsCluster's CheckpointWriter, which is not waited for. What cannot be written becomes a warning.
void save_checkpoint(Session& session, results::Milestone reached, const results::Metrics& snapshots);

/// The identity of a run that the ConfigMap keeps under `test_id` alone, as the runner that milo-perf
/// replaces does, gets a key of its own, so that `test_id` can become another's. To be called before it does.
void keep_older_run(boost::json::object& data, std::string_view test_id);

/// Settings and results of a run that is known from before: the one of `test_id`, or the newest when that is
/// empty. OUT_DIR is looked at first, then, in a session of its own, the ConfigMap. Empty when there is none.
/// Throws UserError for a checkpoint or a cluster that cannot be used.
std::optional<results::Checkpoint> find_checkpoint(const config::Settings& settings,
                                                   const kube::Environment& environment,
                                                   const std::string& test_id);

/// Takes a run that was cleaned up out of both places; the ConfigMap goes when no other run needs it.
boost::asio::awaitable<Result<>> forget_run(Session& session);

}  // namespace milo_perf::session
