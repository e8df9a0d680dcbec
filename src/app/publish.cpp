#include "app/publish.hpp"

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

namespace milo_perf::app {
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
    results::SavedFiles saved = results::save_run(run.settings.out_dir, result, report::html);
    for (const std::string& problem : saved.problems) log::error("{}", problem);
    return saved;
}

asio::awaitable<std::string> publish_configmap(RunState& run, const results::Run& result, bool& thinned) {
    if (!run.results_cluster) co_return std::string();
    std::optional<results::ConfigMapCopy> copy;
    std::size_t room = 0;
    DataChange change = [&](json::object& data) {
        const std::size_t now = room_in(data);
        // Somebody else's write in between may have changed it.
        if (!copy || now != room) copy = results::fit_configmap(result, report::html, now);
        room = now;
        data["results.json"] = copy->results_json;
        data["report.html"] = copy->report_html;
        data["test_id"] = result.test_id;
        data["org_name"] = result.org_name;
        data["phase"] = result.outcome;
    };
    const std::string problem = co_await run.results_cluster->store.update(std::move(change));
    thinned = copy && copy->thinned;
    if (thinned) log::info("the results are thinned to fit into ConfigMap {}", ResultsStore::name);
    co_return problem;
}

asio::awaitable<std::string> push_series(RunState& run, const results::Run& result) {
    if (!run.settings.push_metrics) co_return std::string();
    const std::string reason =
        co_await run.victoria_metrics.import_prometheus(metrics::push_text(result, run.origin_wall));
    if (reason.empty()) co_return std::string();
    co_return fmt::format("The run's series could not be pushed into {}: {}; the files have them all.",
                          run.victoria_metrics.name(), reason);
}

}  // namespace milo_perf::app
