#include "workload/objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "load/driver.hpp"
#include "workload/arrivals.hpp"
#include "workload/execute.hpp"
#include "workload/object_template.hpp"
#include "workload/resume.hpp"
#include "workload/source.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;

namespace {

/// One kind of object of every Project.
struct Kind {
    Kind(const Context& context, ObjectTemplate made, std::uint32_t per_project,
         const std::vector<std::string>& names)
        : object(std::move(made)), count(per_project), tally(context.tallies.at(object.type().plural)) {
        tally.requested = static_cast<std::uint64_t>(per_project) * names.size();
        for (const std::string& name : names) collections.emplace_back(object.type(), Scope::project(name));
        const SeriesOfPhase series(context.recorder, "objects", stats::Purpose::load);
        create.object = &object;
        create.series = series.of(stats::Verb::create, object.type());
        create.lookup_series = series.support(stats::Verb::get, object.type());
    }
    Kind(const Kind&) = delete;
    Kind& operator=(const Kind&) = delete;

    ObjectTemplate object;
    std::uint32_t count;
    results::ObjectCount& tally;
    std::vector<Collection> collections;
    Operation create;
};

struct Plan {
    const Context& context;
    /// Secrets, ConfigMaps.
    std::array<Kind, 2> kinds;
    ObjectRegistry existing;
};

/// Counts creates by their kind.
class Creates : public Observer {
  public:
    Creates(const Context& context, const Plan& plan) : journal_(context.journal), plan_(plan) {}

    void ended(const Operation& operation, const Outcome& outcome) override {
        const bool first = operation.object == &plan_.kinds[0].object;
        Tallies::count(plan_.kinds[first ? 0 : 1].tally, outcome.ending);
        if (outcome.ending == Ending::failed) note_failure(journal_, operation, outcome);
    }

  private:
    Journal& journal_;
    const Plan& plan_;
};

/// Fills one Project: kind by kind, each in a closed loop of its own.
class ProjectFill {
  public:
    struct Scratch {};

    ProjectFill(const Plan& plan, Executor& executor) : plan_(plan), executor_(executor) {}

    asio::awaitable<void> run(const std::size_t& project, TimePoint /*planned*/, Scratch& /*scratch*/) {
        for (const Kind& kind : plan_.kinds) {
            Fill fill(kind.create, std::span(&kind.collections[project], 1), kind.count, plan_.existing);
            co_await load::run_closed(std::min(plan_.context.settings.object_concurrency, kind.count), fill,
                                      executor_);
        }
    }

  private:
    const Plan& plan_;
    Executor& executor_;
};

asio::awaitable<void> closed_loop(const Plan& plan, std::size_t projects, Executor& executor) {
    load::Numbers numbers(projects);
    ProjectFill fill(plan, executor);
    const std::size_t at_a_time = std::min<std::size_t>(plan.context.settings.project_concurrency, projects);
    co_await load::run_closed(static_cast<std::uint32_t>(at_a_time), numbers, fill);
}

load::RateProfile profile_of(const config::Settings& settings) {
    return settings.ramp.empty() ? load::RateProfile::constant(settings.qps)
                                 : load::RateProfile::parse(settings.ramp);
}

asio::awaitable<void> open_loop(const Plan& plan, Executor& executor) {
    std::vector<Fill> fills;
    std::uint64_t size = 0;
    for (const Kind& kind : plan.kinds) {
        fills.emplace_back(kind.create, kind.collections, kind.count, plan.existing);
        size += fills.back().size();
    }
    InOrder creates({&fills[0], &fills[1]});
    const config::Settings& settings = plan.context.settings;
    load::OpenLoop loop(schedule_of(settings, profile_of(settings), Clock::now(), size, settings.burst),
                        {.max_in_flight = settings.max_in_flight});
    co_await load::run_open(loop, creates, executor);
    if (loop.never_due() == 0) co_return;
    plan.context.journal.warning(
        fmt::format("RAMP ended at rate 0 before {} of {} creates were due: end it with a hold "
                    "(30s@100), or create fewer objects.",
                    loop.never_due(), size));
}

/// What an interrupted run has left is not created again.
asio::awaitable<void> find_existing(Plan& plan) {
    if (!plan.context.resumed) co_return;
    for (Kind& kind : plan.kinds) {
        co_await find_objects(plan.context, kind.object, kind.collections, plan.existing);
        for (const Collection& collection : kind.collections)
            kind.tally.existing += plan.existing.count(collection);
    }
}

}  // namespace

asio::awaitable<void> create_objects(const Context& context, std::vector<std::string> projects) {
    const config::Settings& settings = context.settings;
    const std::uint32_t size = settings.object_size_bytes;
    Plan plan{.context = context,
              .kinds = {Kind(context, ObjectTemplate::secret(context.identity, size),
                             settings.num_secrets_per_project, projects),
                        Kind(context, ObjectTemplate::configmap(context.identity, size),
                             settings.num_configmaps_per_project, projects)},
              .existing = {}};
    co_await find_existing(plan);
    Creates creates(context, plan);
    Executor executor(context, creates);
    if (settings.open_loop()) {
        co_await open_loop(plan, executor);
    } else {
        co_await closed_loop(plan, projects.size(), executor);
    }
}

}  // namespace milo_perf::workload
