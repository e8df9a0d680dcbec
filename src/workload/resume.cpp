#include "workload/resume.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/object.hpp>

#include "base/error.hpp"
#include "kube/json_path.hpp"
#include "load/driver.hpp"
#include "workload/execute.hpp"
#include "workload/source.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

Operation list_of(const Context& context, const ResourceType& type) {
    const SeriesOfPhase series(context.recorder, "resume", stats::Purpose::support);
    return {.verb = stats::Verb::list,
            .label_selector = context.identity.label_selector(),
            .series = series.of(stats::Verb::list, type)};
}

[[noreturn]] void refuse(std::string_view what, const Outcome& outcome) {
    throw UserError(fmt::format("{} of the interrupted run cannot be listed: {}; resume it again later.",
                                what, outcome.reply.message),
                    ExitCode::failed);
}

class ProjectsThere : public Observer {
  public:
    explicit ProjectsThere(ProjectRegistry& registry) : registry_(registry) {}

    void object(const Operation& /*operation*/, json::object& project) override {
        registry_.adopt(project, Clock::now());
    }
    void ended(const Operation& /*operation*/, const Outcome& outcome) override {
        if (outcome.ending != Ending::done) refuse("Projects", outcome);
    }

  private:
    ProjectRegistry& registry_;
};

class ObjectsThere : public Observer {
  public:
    ObjectsThere(const ObjectTemplate& object, ObjectRegistry& registry)
        : template_(object), registry_(registry) {}

    void object(const Operation& operation, json::object& found) override {
        const auto index = template_.index_of(kube::text_at(found, {"metadata", "name"}));
        if (index) registry_.add(*operation.collection, *index);
    }
    void ended(const Operation& operation, const Outcome& outcome) override {
        // A Project whose control plane has no such collection yet has no objects either.
        if (outcome.ending != Ending::done && outcome.ending != Ending::not_found)
            refuse(operation.collection->type().plural, outcome);
    }

  private:
    const ObjectTemplate& template_;
    ObjectRegistry& registry_;
};

}  // namespace

asio::awaitable<void> adopt_projects(const Context& context, ProjectRegistry& registry) {
    const Collection collection(types::projects, Scope::root());
    Operation list = list_of(context, types::projects);
    list.collection = &collection;
    ProjectsThere there(registry);
    co_await run_one(context, list, there);
}

asio::awaitable<void> find_objects(const Context& context, const ObjectTemplate& object,
                                   std::span<const Collection> collections, ObjectRegistry& registry) {
    Each lists = engage(list_of(context, object.type()), collections);
    ObjectsThere there(object, registry);
    Executor executor(context, there);
    const std::size_t at_a_time = std::min<std::size_t>(context.settings.project_concurrency, lists.size());
    co_await load::run_closed(static_cast<std::uint32_t>(at_a_time), lists, executor);
}

}  // namespace milo_perf::workload
