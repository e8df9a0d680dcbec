#include "workload/objects.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/this_coro.hpp>

#include "base/task_group.hpp"
#include "load/open_loop.hpp"
#include "workload/arrivals.hpp"
#include "workload/object_create.hpp"
#include "workload/open_loop_driver.hpp"
#include "workload/resume.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;

namespace {

constexpr std::string_view phase = "objects";

/// One kind of object, and how many of it each Project gets.
struct Kind : ObjectSeries {
    Kind(const Context& context, ObjectKind made, std::uint32_t per_project, std::size_t projects)
        : ObjectSeries(context, std::move(made), phase), count(per_project) {
        tally.requested = static_cast<std::uint64_t>(per_project) * projects;
    }

    std::uint32_t count;
};

/// The objects of one kind in one Project.
struct Batch {
    const Kind& kind;
    std::string collection;
    const ExistingObjects& existing;
    std::uint32_t next = 0;
};

asio::awaitable<void> object_worker(const Context& context, Batch& batch) {
    ObjectTexts texts;
    while (batch.next < batch.kind.count) {
        const std::uint32_t index = batch.next++;
        if (batch.existing.contains(batch.collection, index)) continue;
        co_await create_object(context, batch.kind, batch.collection, index, TimePoint{}, texts);
    }
}

asio::awaitable<void> fill_project(const Context& context, const std::vector<Kind>& kinds,
                                   const ExistingObjects& existing, const std::string& project) {
    const auto executor = co_await asio::this_coro::executor;
    for (const Kind& kind : kinds) {
        Batch batch{
            .kind = kind, .collection = objects_path(project, kind.kind.resource()), .existing = existing};
        TaskGroup workers(executor);
        const std::uint32_t count = std::min(context.settings.object_concurrency, kind.count);
        for (std::uint32_t i = 0; i < count; ++i) workers.spawn(object_worker(context, batch));
        co_await workers.join();
    }
}

struct Queue {
    const std::vector<std::string>& projects;
    const ExistingObjects& existing;
    std::size_t next = 0;
};

asio::awaitable<void> lane(const Context& context, const std::vector<Kind>& kinds, Queue& queue) {
    while (queue.next < queue.projects.size()) {
        const std::string& project = queue.projects[queue.next++];
        co_await fill_project(context, kinds, queue.existing, project);
    }
}

asio::awaitable<void> closed_loop(const Context& context, const std::vector<Kind>& kinds,
                                  const std::vector<std::string>& projects, const ExistingObjects& existing) {
    Queue queue{projects, existing};
    TaskGroup lanes(co_await asio::this_coro::executor);
    const std::size_t count = std::min<std::size_t>(context.settings.project_concurrency, projects.size());
    for (std::size_t i = 0; i < count; ++i) lanes.spawn(lane(context, kinds, queue));
    co_await lanes.join();
}

/// Where the creates of an open loop go, in their order: kind by kind, round and round the Projects.
struct Place {
    std::uint32_t kind;
    std::uint32_t project;
    std::uint32_t index;
};

using Collections = std::vector<std::vector<std::string>>;

Collections collections_of(const std::vector<Kind>& kinds, const std::vector<std::string>& projects) {
    Collections collections;
    for (const Kind& kind : kinds) {
        std::vector<std::string>& paths = collections.emplace_back();
        for (const std::string& project : projects)
            paths.push_back(objects_path(project, kind.kind.resource()));
    }
    return collections;
}

std::vector<Place> places_of(const std::vector<Kind>& kinds, const Collections& collections,
                             const ExistingObjects& existing) {
    std::vector<Place> places;
    for (std::uint32_t kind = 0; kind < kinds.size(); ++kind) {
        for (std::uint32_t index = 0; index < kinds[kind].count; ++index) {
            for (std::uint32_t project = 0; project < collections[kind].size(); ++project) {
                if (!existing.contains(collections[kind][project], index))
                    places.push_back({kind, project, index});
            }
        }
    }
    return places;
}

asio::awaitable<void> planned_create(const Context& context, const Kind& kind, const std::string& collection,
                                     std::uint32_t index, TimePoint planned) {
    ObjectTexts texts;
    co_await create_object(context, kind, collection, index, planned, texts);
}

load::ArrivalSchedule schedule_of(const config::Settings& settings, std::uint64_t count) {
    load::RateProfile profile = settings.ramp.empty() ? load::RateProfile::constant(settings.qps)
                                                      : load::RateProfile::parse(settings.ramp);
    return {std::move(profile), arrival_of(settings), settings.seed, Clock::now(), count, settings.burst};
}

asio::awaitable<void> open_loop(const Context& context, const std::vector<Kind>& kinds,
                                const std::vector<std::string>& projects, const ExistingObjects& existing) {
    const Collections collections = collections_of(kinds, projects);
    const std::vector<Place> places = places_of(kinds, collections, existing);
    load::OpenLoop loop(schedule_of(context.settings, places.size()),
                        {.max_in_flight = context.settings.max_in_flight});
    SeriesOf series_of = [&places, &kinds](std::uint64_t number) {
        return kinds[places[number].kind].series;
    };
    PlannedOperation operation = [&](std::uint64_t number, TimePoint planned) {
        const Place& place = places[number];
        return planned_create(context, kinds[place.kind], collections[place.kind][place.project], place.index,
                              planned);
    };
    co_await drive_open_loop(loop, context.recorder, std::move(series_of), std::move(operation));
    if (loop.never_due() == 0) co_return;
    context.journal.warning(
        fmt::format("RAMP came to its end at rate 0 before {} of {} creates were due: let it end in a hold "
                    "(30s@100), or wish for fewer objects.",
                    loop.never_due(), places.size()));
}

asio::awaitable<ExistingObjects> existing_objects(const Context& context, std::vector<Kind>& kinds,
                                                  const std::vector<std::string>& projects) {
    ExistingObjects existing;
    if (!context.resumed) co_return existing;
    std::vector<ObjectKind> object_kinds;
    object_kinds.reserve(kinds.size());
    for (const Kind& kind : kinds) object_kinds.push_back(kind.kind);
    existing = co_await find_objects(context, std::move(object_kinds), projects);
    for (Kind& kind : kinds) {
        for (const std::string& project : projects) {
            kind.tally.existing += existing.count(objects_path(project, kind.kind.resource()));
        }
    }
    co_return existing;
}

}  // namespace

asio::awaitable<void> create_objects(const Context& context, std::vector<std::string> projects) {
    const config::Settings& settings = context.settings;
    const std::uint32_t size = settings.object_size_bytes;
    std::vector<Kind> kinds;
    kinds.emplace_back(context, ObjectKind::secret(context.identity, size), settings.num_secrets_per_project,
                       projects.size());
    kinds.emplace_back(context, ObjectKind::configmap(context.identity, size),
                       settings.num_configmaps_per_project, projects.size());
    const ExistingObjects existing = co_await existing_objects(context, kinds, projects);
    if (settings.open_loop()) {
        co_await open_loop(context, kinds, projects, existing);
    } else {
        co_await closed_loop(context, kinds, projects, existing);
    }
}

}  // namespace milo_perf::workload
