#include "run/publish.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <optional>

#include "base/log.hpp"
#include "metrics/exposition.hpp"
#include "report/html.hpp"
#include "results/configmap.hpp"
#include "session/checkpoint.hpp"

namespace milo_perf::run {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::array<std::string_view, 5> own_keys{"results.json", "report.html", "test_id", "org_name",
                                                   "phase"};

/// Bytes that results and report may take beside what other runs keep in the ConfigMap.
std::size_t room_in(const json::object& data) {
    std::size_t others = 0;
    for (const auto& [key, value] : data) {
        if (std::find(own_keys.begin(), own_keys.end(), std::string_view(key)) != own_keys.end()) continue;
        others += key.size() + json::serialize(value).size();
    }
    return results::configmap_limit_bytes - std::min(others, results::configmap_limit_bytes);
}

}  // namespace

results::SavedFiles save_files(const RunState& run, const results::Run& result) {
    results::SavedFiles saved = results::save_run(run.settings().out_dir, result, report::html);
    for (const std::string& problem : saved.problems) log::error("{}", problem);
    return saved;
}

asio::awaitable<Result<InConfigMap>> publish_configmap(RunState& run, const results::Run& result) {
    if (run.session.results_cluster() == nullptr) co_return InConfigMap::all;
    std::optional<results::ConfigMapCopy> copy;
    std::size_t room = 0;
    session::DataChange change = [&](json::object& data) {
        session::keep_older_run(data, result.test_id);
        const std::size_t now = room_in(data);
        // Somebody else's write in between may have changed it.
        if (!copy || now != room) copy = results::fit_configmap(result, report::html, now);
        room = now;
        data["results.json"] = copy->results_json;
        data["report.html"] = copy->report_html;
        data["test_id"] = result.test_id;
        data["org_name"] = result.org_name;
        data["phase"] = name_of(result.outcome).json;
    };
    const Result<> written = co_await run.session.results_cluster()->store.update(std::move(change));
    if (!written) co_return written.error();
    if (!copy || !copy->thinned) co_return InConfigMap::all;
    log::info("the results are thinned to fit into ConfigMap {}", session::ResultsStore::name);
    co_return InConfigMap::thinned;
}

asio::awaitable<Result<>> push_series(RunState& run, const results::Run& result) {
    if (!run.settings().push_metrics) co_return Result<>();
    metrics::VictoriaMetrics& server = run.session.victoria_metrics();
    const std::string reason =
        co_await server.import_prometheus(metrics::push_text(result, run.session.origin_wall));
    if (reason.empty()) co_return Result<>();
    co_return Error(ErrorCategory::server,
                    fmt::format("The run's series could not be pushed into {}: {}; the files have them all.",
                                server.name(), reason));
}

}  // namespace milo_perf::run
