#include "workload/cleanup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/nursery.hpp"
#include "kube/json_path.hpp"
#include "load/driver.hpp"
#include "workload/deletions.hpp"
#include "workload/execute.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;
namespace json = boost::json;
using kube::text_at;

namespace {

SeriesOfPhase cleanup_series(const Context& context) {
    return {context.recorder, "cleanup", stats::Purpose::support};
}

/// Lists the run's objects of one type. Says whether that succeeded.
class Listing : public Observer {
  public:
    Listing(const Context& context, const ResourceType& type)
        : context_(context), collection_(type, Scope::root()) {}

    asio::awaitable<void> run() {
        const Operation list{.verb = stats::Verb::list,
                             .collection = &collection_,
                             .label_selector = context_.identity.label_selector(),
                             .series = cleanup_series(context_).of(stats::Verb::list, collection_.type())};
        found.clear();
        co_await run_one(context_, list, *this);
        // A list that had to begin anew between two pages shows some objects twice.
        std::sort(found.begin(), found.end(),
                  [](const Deletable& a, const Deletable& b) { return a.name < b.name; });
        found.erase(std::unique(found.begin(), found.end(),
                                [](const Deletable& a, const Deletable& b) { return a.name == b.name; }),
                    found.end());
    }

    void object(const Operation& /*operation*/, json::object& object) override {
        found.push_back({std::string(text_at(object, {"metadata", "name"})),
                         std::string(text_at(object, {"spec", "ownerRef", "name"}))});
    }
    void ended(const Operation& operation, const Outcome& outcome) override {
        problem = outcome.ending == Ending::done ? std::string() : outcome.reply.message;
        if (outcome.ending != Ending::done && &collection_.type() == &types::organizations)
            note_failure(context_.journal, operation, outcome);
    }

    std::vector<Deletable> found;
    std::string problem;

  private:
    const Context& context_;
    Collection collection_;
};

asio::awaitable<std::vector<Deletable>> list_projects(const Context& context) {
    Listing listing(context, types::projects);
    co_await listing.run();
    if (!listing.problem.empty()) {
        throw UserError(
            fmt::format(
                "The run's Projects cannot be listed: {}; check the kubeconfig and run cleanup again.",
                listing.problem),
            ExitCode::failed);
    }
    co_return std::move(listing.found);
}

asio::awaitable<void> delete_all(const Context& context, Deletions& deletions, std::size_t at_a_time) {
    Executor executor(context, deletions);
    co_await load::run_closed(static_cast<std::uint32_t>(std::min(at_a_time, deletions.size())), deletions,
                              executor);
}

/// Returns how many are still there at the deadline, or when only those are left whose deletion was refused.
asio::awaitable<std::uint64_t> wait_until_gone(const Context& context, TimePoint deadline,
                                               std::uint64_t refused) {
    Duration pause = std::chrono::milliseconds(200);
    for (;;) {
        const std::vector<Deletable> left = co_await list_projects(context);
        if (left.size() <= refused || Clock::now() >= deadline) co_return left.size();
        co_await sleep_until(std::min(deadline, Clock::now() + pause));
        pause = std::min<Duration>(pause * 3 / 2, std::chrono::seconds(5));
    }
}

/// Deletes the Organization if it is this run's. Returns true when one is left.
asio::awaitable<bool> delete_organization(const Context& context, CleanupReport& report) {
    Listing listing(context, types::organizations);
    co_await listing.run();
    if (!listing.problem.empty()) co_return true;
    Deletions deletions(context.identity, cleanup_series(context), context.journal, {}, &types::organizations,
                        std::move(listing.found));
    co_await delete_all(context, deletions, 1);
    report.organization_deleted = deletions.refused() < deletions.size();
    co_return deletions.refused() > 0;
}

}  // namespace

asio::awaitable<std::size_t> delete_secrets_of(const Context& context, std::vector<std::string> projects) {
    // The server deletes one collection's objects one after another: several collections at a time are
    // faster.
    constexpr std::size_t at_a_time = 8;
    std::vector<Deletable> scopes;
    for (std::string& project : projects) scopes.push_back({std::move(project), {}});
    Deletions deletions(context.identity, cleanup_series(context), context.journal, {&types::secrets},
                        nullptr, std::move(scopes));
    co_await delete_all(context, deletions, at_a_time);
    co_return deletions.refused();
}

asio::awaitable<CleanupReport> clean_up(const Context& context) {
    CleanupReport report;
    const TimePoint deadline = Clock::now() + from_seconds(context.settings.cleanup_timeout_seconds);
    std::vector<Deletable> found = co_await list_projects(context);
    const std::uint64_t projects = found.size();
    log::info("cleanup: {} Projects of run {}", projects, context.identity.test_id());
    Deletions deletions(context.identity, cleanup_series(context), context.journal,
                        {&types::secrets, &types::configmaps}, &types::projects, std::move(found));
    const std::size_t at_a_time =
        static_cast<std::size_t>(context.settings.project_concurrency) * context.settings.object_concurrency;
    const bool asked = co_await finish_before(deadline, delete_all(context, deletions, at_a_time));
    if (!asked) context.journal.failure("deleting projects", "CLEANUP_TIMEOUT_SECONDS is over");
    report.projects_left = co_await wait_until_gone(context, deadline, deletions.refused());
    report.projects_deleted = projects - std::min(report.projects_left, projects);
    if (report.projects_left > 0) {
        report.organization_left = true;
        co_return report;
    }
    report.organization_left = co_await delete_organization(context, report);
    co_return report;
}

}  // namespace milo_perf::workload
