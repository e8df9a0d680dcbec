#include "workload/projects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>

#include "base/error.hpp"
#include "base/nursery.hpp"
#include "load/driver.hpp"
#include "workload/arrivals.hpp"
#include "workload/execute.hpp"
#include "workload/object_template.hpp"
#include "workload/source.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

/// The creates of Projects and the watch of their readiness, both told to the registry.
class Readiness : public Observer {
  public:
    Readiness(const Context& context, ProjectRegistry& registry, asio::any_io_executor executor)
        : journal_(context.journal),
          count_(context.tallies.at(types::projects.plural)),
          registry_(registry),
          changed_(std::move(executor)) {}

    const results::ObjectCount& count() const { return count_; }

    /// What is to be created, and what already exists.
    void expect(std::size_t projects, std::size_t existing) {
        count_.requested = projects;
        count_.existing = existing;
    }

    void begun(const Operation& operation) override {
        if (operation.verb == stats::Verb::create) registry_.at(operation.index).create_sent = Clock::now();
    }
    void ended(const Operation& operation, const Outcome& outcome) override {
        if (operation.verb != stats::Verb::create || outcome.ending == Ending::cancelled) return;
        Tallies::count(count_, outcome.ending);
        const TimePoint sent = registry_.at(operation.index).create_sent.value();
        registry_.created(operation.index, outcome.ending, sent, Clock::now(), outcome.reply.message);
        if (outcome.ending == Ending::failed) note_failure(journal_, operation, outcome);
    }

    void object(const Operation& /*operation*/, json::object& project) override {
        const std::size_t before = registry_.ready_count();
        registry_.observe(project, Clock::now());
        if (registry_.ready_count() != before && registry_.waiting_count() == 0) changed_.notify();
    }
    void object_gone(const Operation& /*operation*/, json::object& project) override {
        if (!registry_.observe_deleted(project)) return;
        journal_.event("apiserver", "a Project of this run was deleted by someone else");
        changed_.notify();
    }
    void listed(const Operation& /*operation*/) override {
        const std::size_t gone = registry_.end_list();
        registry_.begin_list();
        if (gone > 0)
            journal_.event("apiserver",
                           fmt::format("{} Projects of this run were deleted by someone else", gone));
        changed_.notify();
    }
    void notice(const Operation& /*operation*/, std::string text) override {
        journal_.event("watch", std::move(text));
    }

    /// Until every Project that was created is Ready or gone.
    asio::awaitable<void> wait_until(TimePoint deadline) {
        while (registry_.waiting_count() > 0 && Clock::now() < deadline)
            co_await changed_.wait_until(deadline);
    }

  private:
    Journal& journal_;
    results::ObjectCount& count_;
    ProjectRegistry& registry_;
    Notification changed_;
};

std::vector<Operation> creates_of(const Operation& model, const ProjectRegistry& registry) {
    std::vector<Operation> creates;
    for (std::uint32_t i = 0; i < registry.projects().size(); ++i) {
        const ProjectState& project = registry.projects()[i];
        if (project.there()) continue;
        Operation& create = creates.emplace_back(model);
        create.name = project.name;
        create.index = i;
    }
    return creates;
}

asio::awaitable<void> create_missing(const Context& context, Each& creates, Executor& executor) {
    const config::Settings& settings = context.settings;
    if (settings.project_qps > 0) {
        load::OpenLoop loop(schedule_of(settings, load::RateProfile::constant(settings.project_qps),
                                        Clock::now(), creates.size()),
                            {.max_in_flight = settings.max_in_flight});
        co_await load::run_open(loop, creates, executor);
    } else {
        const std::size_t at_a_time =
            std::min<std::size_t>(settings.project_create_concurrency, creates.size());
        co_await load::run_closed(static_cast<std::uint32_t>(at_a_time), creates, executor);
    }
}

asio::awaitable<void> create_and_wait(const Context& context, Each& creates, Executor& executor,
                                      Readiness& readiness) {
    if (creates.size() > 0) co_await create_missing(context, creates, executor);
    if (readiness.count().created + readiness.count().existing == 0) {
        throw UserError(fmt::format("No Project could be created: {}.", context.journal.main_failure()),
                        ExitCode::failed);
    }
    co_await readiness.wait_until(Clock::now() + from_seconds(context.settings.ready_timeout_seconds));
}

}  // namespace

asio::awaitable<void> create_projects(const Context& context, ProjectRegistry& registry) {
    const auto io = co_await asio::this_coro::executor;
    Readiness readiness(context, registry, io);
    Executor executor(context, readiness);
    const Collection collection = Collection::projects_of(context.identity.org_name());
    const ObjectTemplate object = ObjectTemplate::project(context.identity);
    const SeriesOfPhase series(context.recorder, "projects", stats::Purpose::load);
    Each creates(creates_of({.verb = stats::Verb::create,
                             .collection = &collection,
                             .object = &object,
                             .series = series.of(stats::Verb::create, types::projects),
                             .lookup_series = series.support(stats::Verb::get, types::projects)},
                            registry));
    readiness.expect(registry.projects().size(), registry.projects().size() - creates.size());
    const Operation watch{.verb = stats::Verb::watch,
                          .collection = &collection,
                          .label_selector = context.identity.label_selector(),
                          .request_length = from_seconds(context.settings.watch_timeout_seconds),
                          .series = series.support(stats::Verb::watch, types::projects),
                          .lookup_series = series.support(stats::Verb::list, types::projects)};
    Executor::Scratch scratch;
    registry.begin_list();
    co_await with_nursery([&](Nursery& work) {
        // Ends with the creates; that the server refuses it ends them.
        work.spawn_background(executor.run(watch, TimePoint{}, scratch));
        work.spawn(create_and_wait(context, creates, executor, readiness));
    });
}

}  // namespace milo_perf::workload
