#include "app/publish.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "base/log.hpp"
#include "metrics/exposition.hpp"
#include "report/html.hpp"
#include "results/configmap.hpp"

namespace milo_perf::app {
namespace asio = boost::asio;
namespace json = boost::json;

results::SavedFiles save_files(const RunState& run, const results::Run& result) {
    results::SavedFiles saved = results::save_run(run.settings.out_dir, result, report::html);
    for (const std::string& problem : saved.problems) log::error("{}", problem);
    return saved;
}

asio::awaitable<std::string> publish_configmap(RunState& run, const results::Run& result) {
    if (!run.results_cluster) co_return std::string();
    const results::ConfigMapCopy copy = results::fit_configmap(result, report::html);
    if (copy.thinned) log::info("the results are thinned to fit into ConfigMap {}", ResultsStore::name);
    DataChange change = [&copy, &result](json::object& data) {
        data["results.json"] = copy.results_json;
        data["report.html"] = copy.report_html;
        data["test_id"] = result.test_id;
        data["org_name"] = result.org_name;
        data["phase"] = result.outcome;
    };
    const std::string problem = co_await run.results_cluster->store.update(std::move(change));
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
