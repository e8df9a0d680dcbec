#include "workload/steady_load.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <cmath>

#include "base/deadline.hpp"
#include "base/task_group.hpp"
#include "load/open_loop.hpp"
#include "workload/arrivals.hpp"
#include "workload/object_create.hpp"
#include "workload/open_loop_driver.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;

namespace {

/// What all workers of one load share.
struct Shared {
    Shared(const Context& of, const std::vector<std::string>& projects, const SteadyLoad& held,
           std::uint32_t& index)
        : context(of),
          load(held),
          warmup(of, ObjectKind::secret(of.identity, of.settings.object_size_bytes), "warmup"),
          hold(of, ObjectKind::secret(of.identity, of.settings.object_size_bytes), held.phase),
          next_index(index) {
        for (const std::string& project : projects)
            collections.push_back(objects_path(project, hold.kind.resource()));
    }

    const Context& context;
    const SteadyLoad& load;
    ObjectSeries warmup;
    ObjectSeries hold;
    std::vector<std::string> collections;
    std::uint32_t& next_index;
    SteadyCount count;
};

asio::awaitable<void> create_one(Shared& shared, const std::string& collection, bool held, TimePoint planned,
                                 ObjectTexts& texts) {
    const ObjectSeries& series = held ? shared.hold : shared.warmup;
    ++series.tally.requested;
    const std::uint32_t index = shared.next_index++;
    const std::optional<kube::Creation> creation =
        co_await create_object(shared.context, series, collection, index, planned, texts);
    if (!creation) co_return;
    const bool ok = *creation != kube::Creation::failed;
    const TimePoint now = Clock::now();
    if (ok && now >= shared.load.hold_start() && now < shared.load.hold_end())
        ++shared.count.completed_in_hold;
    if (held) ++(ok ? shared.count.ok : shared.count.failed);
}

/// One lane's place on its way round the Projects.
struct Lane {
    std::size_t collection = 0;
    std::uint32_t left = 0;
};

asio::awaitable<void> lane_worker(Shared& shared, Lane& lane, std::size_t& next_collection) {
    ObjectTexts texts;
    for (TimePoint now = Clock::now(); now < shared.load.hold_end(); now = Clock::now()) {
        if (lane.left == 0) {
            lane.collection = next_collection++ % shared.collections.size();
            lane.left = std::max<std::uint32_t>(1, shared.context.settings.num_secrets_per_project);
        }
        --lane.left;
        const bool held = now >= shared.load.hold_start();
        if (held) ++shared.count.due;
        co_await create_one(shared, shared.collections[lane.collection], held, TimePoint{}, texts);
    }
}

asio::awaitable<void> closed_loop(Shared& shared) {
    std::vector<Lane> lanes(shared.load.project_concurrency);
    std::size_t next_collection = 0;
    TaskGroup workers(co_await asio::this_coro::executor);
    for (Lane& lane : lanes) {
        for (std::uint32_t i = 0; i < shared.load.object_concurrency; ++i)
            workers.spawn(lane_worker(shared, lane, next_collection));
    }
    co_await workers.join();
}

asio::awaitable<void> planned_create(Shared& shared, std::size_t collection, bool held, TimePoint planned) {
    ObjectTexts texts;
    co_await create_one(shared, shared.collections[collection], held, planned, texts);
}

std::uint64_t arrivals(double qps, Duration time) {
    return static_cast<std::uint64_t>(std::llround(qps * to_seconds(time)));
}

asio::awaitable<void> open_loop(Shared& shared) {
    const config::Settings& settings = shared.context.settings;
    const SteadyLoad& load = shared.load;
    const std::uint64_t before = arrivals(load.qps, load.warmup);
    const std::uint64_t in_hold = std::max<std::uint64_t>(1, arrivals(load.qps, load.hold));
    // From the plan, not from what was sent: what the server holds up is not lost from sight.
    shared.count.due = in_hold;
    load::OpenLoop loop(load::ArrivalSchedule(load::RateProfile::constant(load.qps), arrival_of(settings),
                                              settings.seed, load.start, before + in_hold, settings.burst),
                        {.max_in_flight = settings.max_in_flight, .end_grace = load.drain});
    SeriesOf series_of = [&shared, before](std::uint64_t number) {
        return (number < before ? shared.warmup : shared.hold).series;
    };
    PlannedOperation operation = [&shared, before](std::uint64_t number, TimePoint planned) {
        return planned_create(shared, number % shared.collections.size(), number >= before, planned);
    };
    co_await drive_open_loop(loop, shared.context.recorder, std::move(series_of), std::move(operation));
}

}  // namespace

asio::awaitable<SteadyCount> steady_load(const Context& context, std::vector<std::string> projects,
                                         SteadyLoad load, std::uint32_t& next_index) {
    Shared shared(context, projects, load, next_index);
    asio::awaitable<void> task = load.qps > 0 ? open_loop(shared) : closed_loop(shared);
    co_await finish_before(load.hold_end() + load.drain, std::move(task));
    co_return shared.count;
}

}  // namespace milo_perf::workload
