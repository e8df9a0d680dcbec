#include "workload/cleanup.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>
#include <set>

#include "base/deadline.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "base/task_group.hpp"
#include "kube/json_path.hpp"
#include "kube/scopes.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;
namespace json = boost::json;
using kube::text_at;

namespace {

constexpr std::string_view phase = "cleanup";
constexpr std::array<std::string_view, 2> resources{"secrets", "configmaps"};

struct Found {
    std::string name;
    /// The Organization that it was created in.
    std::string organization;
};

std::string with_selector(std::string path, const Context& context) {
    return path + "?labelSelector=" + kube::percent_encoded(context.identity.label_selector());
}

asio::awaitable<std::vector<Found>> list_projects(const Context& context) {
    std::vector<Found> found;
    const kube::Reply reply = co_await context.milo.list(
        projects_path(), context.identity.label_selector(),
        context.recorder.series(phase, "list", "projects"), [&found](json::object& project) {
            found.push_back({std::string(text_at(project, {"metadata", "name"})),
                             std::string(text_at(project, {"spec", "ownerRef", "name"}))});
        });
    if (!reply.ok()) {
        throw UserError(
            fmt::format(
                "The run's Projects cannot be listed: {}; check the kubeconfig and run cleanup again.",
                reply.message),
            ExitCode::failed);
    }
    co_return found;
}

/// Deletes one object; what is gone already counts as deleted.
asio::awaitable<bool> delete_one(const Context& context, std::string path, std::string_view resource) {
    const kube::Reply reply =
        co_await context.milo.call({.method = "DELETE",
                                    .path = path,
                                    .body = {},
                                    .series = context.recorder.series(phase, "delete", resource),
                                    .response_body = http::Body::discard_if_ok,
                                    .max_attempts = std::nullopt});
    if (reply.ok() || reply.not_found()) co_return true;
    // Being deleted already: a conflict says that it is on its way.
    if (reply.status == 409) co_return true;
    if (reply.judgement.verdict != kube::Verdict::cancelled) {
        context.journal.failure(fmt::format("deleting {}", resource), reply.message);
    }
    co_return false;
}

/// Returns false when one is left.
asio::awaitable<bool> delete_by_name(const Context& context, std::string collection,
                                     std::string_view resource) {
    std::vector<std::string> names;
    const kube::Reply reply = co_await context.milo.list(
        collection, context.identity.label_selector(), context.recorder.series(phase, "list", resource),
        [&names](json::object& object) {
            names.emplace_back(text_at(object, {"metadata", "name"}));
        });
    if (!reply.ok()) {
        if (!reply.not_found()) context.journal.failure(fmt::format("listing {}", resource), reply.message);
        co_return reply.not_found();
    }
    bool all = true;
    for (const std::string& name : names) {
        const bool deleted = co_await delete_one(context, fmt::format("{}/{}", collection, name), resource);
        all = all && deleted;
    }
    co_return all;
}

/// One request for a whole collection; one by one where the server does not grant that verb. Returns false
/// when one is left.
asio::awaitable<bool> delete_objects(const Context& context, std::string project, std::string_view resource) {
    const std::string collection = objects_path(project, resource);
    const std::string path = with_selector(collection, context);
    const kube::Reply reply =
        co_await context.milo.call({.method = "DELETE",
                                    .path = path,
                                    .body = {},
                                    .series = context.recorder.series(phase, "deletecollection", resource),
                                    .response_body = http::Body::discard_if_ok,
                                    .max_attempts = std::nullopt});
    if (reply.ok() || reply.not_found()) co_return true;
    if (reply.judgement.verdict == kube::Verdict::cancelled) co_return false;
    co_return co_await delete_by_name(context, collection, resource);
}

struct Work {
    const std::vector<Found>& projects;
    std::size_t next = 0;
    std::uint64_t refused = 0;
};

asio::awaitable<void> project_worker(const Context& context, Work& work) {
    while (work.next < work.projects.size()) {
        const Found& project = work.projects[work.next++];
        for (const std::string_view resource : resources)
            co_await delete_objects(context, project.name, resource);
        const std::string organization =
            project.organization.empty() ? context.identity.org_name() : project.organization;
        std::string path = organization_scope(organization) + projects_path() + "/" + project.name;
        const bool deleted = co_await delete_one(context, std::move(path), "projects");
        if (!deleted) ++work.refused;
    }
}

asio::awaitable<void> delete_projects(const Context& context, Work& work) {
    TaskGroup workers(co_await asio::this_coro::executor);
    const std::size_t count = std::min<std::size_t>(
        static_cast<std::size_t>(context.settings.project_concurrency) * context.settings.object_concurrency,
        work.projects.size());
    for (std::size_t i = 0; i < count; ++i) workers.spawn(project_worker(context, work));
    co_await workers.join();
}

/// Returns how many are still there at the deadline, or when only those are left whose deletion was refused.
asio::awaitable<std::uint64_t> wait_until_gone(const Context& context, TimePoint deadline,
                                               std::uint64_t refused) {
    Duration pause = std::chrono::milliseconds(200);
    for (;;) {
        const std::vector<Found> left = co_await list_projects(context);
        if (left.size() <= refused || Clock::now() >= deadline) co_return left.size();
        co_await sleep_until(std::min(deadline, Clock::now() + pause));
        pause = std::min<Duration>(pause * 3 / 2, std::chrono::seconds(5));
    }
}

/// Deletes the Organization if it is this run's. Returns true when one is left.
asio::awaitable<bool> delete_organization(const Context& context, CleanupReport& report) {
    std::set<std::string> names;
    const kube::Reply reply = co_await context.milo.list(
        organizations_path(), context.identity.label_selector(),
        context.recorder.series(phase, "list", "organizations"), [&names](json::object& organization) {
            names.emplace(text_at(organization, {"metadata", "name"}));
        });
    if (!reply.ok()) {
        context.journal.failure("listing organizations", reply.message);
        co_return true;
    }
    bool left = false;
    for (const std::string& name : names) {
        const bool deleted = co_await delete_one(context, organization_path(name), "organizations");
        report.organization_deleted = report.organization_deleted || deleted;
        left = left || !deleted;
    }
    co_return left;
}

asio::awaitable<void> secrets_worker(const Context& context, const std::vector<std::string>& projects,
                                     std::size_t& next, std::size_t& left) {
    while (next < projects.size()) {
        const std::string& project = projects[next++];
        const bool deleted = co_await delete_objects(context, project, "secrets");
        if (!deleted) ++left;
    }
}

}  // namespace

asio::awaitable<std::size_t> delete_secrets_of(const Context& context, std::vector<std::string> projects) {
    // The server deletes one collection's objects one after another: several collections at a time are
    // faster.
    constexpr std::size_t at_a_time = 8;
    std::size_t next = 0;
    std::size_t left = 0;
    TaskGroup workers(co_await asio::this_coro::executor);
    const std::size_t count = std::min(at_a_time, projects.size());
    for (std::size_t i = 0; i < count; ++i) workers.spawn(secrets_worker(context, projects, next, left));
    co_await workers.join();
    co_return left;
}

asio::awaitable<CleanupReport> clean_up(const Context& context) {
    CleanupReport report;
    const TimePoint deadline = Clock::now() + from_seconds(context.settings.cleanup_timeout_seconds);
    const std::vector<Found> projects = co_await list_projects(context);
    log::info("cleanup: {} Projects of run {}", projects.size(), context.identity.test_id());
    Work work{projects};
    const bool asked = co_await finish_before(deadline, delete_projects(context, work));
    if (!asked) context.journal.failure("deleting projects", "CLEANUP_TIMEOUT_SECONDS is over");
    report.projects_left = co_await wait_until_gone(context, deadline, work.refused);
    report.projects_deleted =
        projects.size() - std::min<std::uint64_t>(report.projects_left, projects.size());
    if (report.projects_left > 0) {
        report.organization_left = true;
        co_return report;
    }
    report.organization_left = co_await delete_organization(context, report);
    co_return report;
}

}  // namespace milo_perf::workload
