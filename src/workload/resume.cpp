#include "workload/resume.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>

#include "base/error.hpp"
#include "base/task_group.hpp"
#include "kube/json_path.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::string_view phase = "resume";

void require(const kube::Reply& reply, std::string_view what) {
    if (reply.ok()) return;
    throw UserError(fmt::format("{} of the interrupted run cannot be listed: {}; resume it again later.",
                                what, reply.message),
                    ExitCode::failed);
}

struct Search {
    const std::vector<ObjectKind>& kinds;
    const std::vector<std::string>& projects;
    ExistingObjects found;
    std::size_t next = 0;
};

asio::awaitable<void> search_worker(const Context& context, Search& search) {
    while (search.next < search.projects.size() * search.kinds.size()) {
        const std::size_t number = search.next++;
        const ObjectKind& kind = search.kinds[number % search.kinds.size()];
        const std::string collection =
            objects_path(search.projects[number / search.kinds.size()], kind.resource());
        const kube::Reply reply = co_await context.milo.list(
            collection, context.identity.label_selector(),
            context.recorder.series(phase, "list", kind.resource()),
            [&search, &kind, &collection](json::object& object) {
                const auto index = kind.index_of(kube::text_at(object, {"metadata", "name"}));
                if (index) search.found.add(collection, *index);
            });
        // A Project whose control plane has no such collection yet has no objects either.
        if (!reply.not_found()) require(reply, kind.resource());
    }
}

}  // namespace

void ExistingObjects::add(std::string_view collection, std::uint32_t index) {
    std::vector<bool>& present = by_collection_[std::string(collection)];
    if (present.size() <= index) present.resize(index + std::size_t{1});
    present[index] = true;
}

bool ExistingObjects::contains(std::string_view collection, std::uint32_t index) const {
    if (by_collection_.empty()) return false;
    const auto found = by_collection_.find(std::string(collection));
    return found != by_collection_.end() && index < found->second.size() && found->second[index];
}

std::size_t ExistingObjects::count(std::string_view collection) const {
    const auto found = by_collection_.find(std::string(collection));
    if (found == by_collection_.end()) return 0;
    return static_cast<std::size_t>(std::count(found->second.begin(), found->second.end(), true));
}

asio::awaitable<void> adopt_projects(const Context& context, ProjectRegistry& registry) {
    const kube::Reply reply = co_await context.milo.list(
        projects_path(), context.identity.label_selector(),
        context.recorder.series(phase, "list", "projects"),
        [&registry](json::object& project) { registry.adopt(project, Clock::now()); });
    require(reply, "Projects");
}

asio::awaitable<ExistingObjects> find_objects(const Context& context, std::vector<ObjectKind> kinds,
                                              std::vector<std::string> projects) {
    Search search{.kinds = kinds, .projects = projects};
    TaskGroup workers(co_await asio::this_coro::executor);
    const std::size_t count =
        std::min<std::size_t>(context.settings.project_concurrency, projects.size() * kinds.size());
    for (std::size_t i = 0; i < count; ++i) workers.spawn(search_worker(context, search));
    co_await workers.join();
    co_return std::move(search.found);
}

}  // namespace milo_perf::workload
