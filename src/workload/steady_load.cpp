#include "workload/steady_load.hpp"

#include <algorithm>
#include <cmath>

#include "base/nursery.hpp"
#include "load/driver.hpp"
#include "workload/arrivals.hpp"
#include "workload/execute.hpp"
#include "workload/object_template.hpp"
#include "workload/source.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;

namespace {

/// Counts the creates of the hold.
class HoldCount : public Observer {
  public:
    HoldCount(const Context& context, const SteadyLoad& load, stats::SeriesId held)
        : journal_(context.journal),
          tally_(context.tallies.at(types::secrets.plural)),
          load_(load),
          held_(held) {}

    void begun(const Operation& /*operation*/) override { ++tally_.requested; }
    void ended(const Operation& operation, const Outcome& outcome) override {
        if (outcome.ending == Ending::cancelled) return;
        Tallies::count(tally_, outcome.ending);
        const bool ok = outcome.ending != Ending::failed;
        if (!ok) note_failure(journal_, operation, outcome);
        const TimePoint now = Clock::now();
        if (ok && now >= load_.hold_start() && now < load_.hold_end()) ++count.completed_in_hold;
        if (operation.series.index == held_.index) ++(ok ? count.ok : count.failed);
    }

    SteadyCount count;

  private:
    Journal& journal_;
    results::ObjectCount& tally_;
    const SteadyLoad& load_;
    stats::SeriesId held_;
};

std::uint64_t arrivals(double qps, Duration time) {
    return static_cast<std::uint64_t>(std::llround(qps * to_seconds(time)));
}

SteadySpan span_of(const SteadyLoad& load, const config::Settings& settings) {
    SteadySpan span{.from = load.hold_start(), .until = load.hold_end()};
    if (load.qps > 0) {
        span.before = arrivals(load.qps, load.warmup);
        span.total = span.before + std::max<std::uint64_t>(1, arrivals(load.qps, load.hold));
    } else {
        span.slots_per_lane = load.object_concurrency;
        span.visit = std::max<std::uint32_t>(1, settings.num_secrets_per_project);
    }
    return span;
}

asio::awaitable<void> run(const Context& context, const SteadyLoad& load, const SteadySpan& span,
                          Steady& source, Executor& executor) {
    if (load.qps <= 0) {
        co_await load::run_closed(load.project_concurrency * load.object_concurrency, source, executor);
        co_return;
    }
    const config::Settings& settings = context.settings;
    load::OpenLoop loop(
        schedule_of(settings, load::RateProfile::constant(load.qps), load.start, span.total, settings.burst),
        {.max_in_flight = settings.max_in_flight, .end_grace = load.drain});
    co_await load::run_open(loop, source, executor);
}

}  // namespace

asio::awaitable<SteadyCount> steady_load(const Context& context, std::vector<std::string> projects,
                                         SteadyLoad load, std::uint32_t& next_index) {
    std::vector<Collection> collections;
    for (const std::string& project : projects)
        collections.emplace_back(types::secrets, Scope::project(project));
    const ObjectTemplate secret =
        ObjectTemplate::secret(context.identity, context.settings.object_size_bytes);
    const auto create_in = [&](std::string phase) {
        const SeriesOfPhase series(context.recorder, std::move(phase), stats::Purpose::load);
        return Operation{.verb = stats::Verb::create,
                         .object = &secret,
                         .series = series.of(stats::Verb::create, types::secrets),
                         .lookup_series = series.support(stats::Verb::get, types::secrets)};
    };
    const Operation held = create_in(load.phase);
    const SteadySpan span = span_of(load, context.settings);
    Steady source(create_in("warmup"), held, collections, span, next_index);
    HoldCount observer(context, load, held.series);
    Executor executor(context, observer);
    co_await finish_before(load.hold_end() + load.drain, run(context, load, span, source, executor));
    // In open loop from the plan, not from what was sent: what the server holds up is still counted.
    observer.count.due = load.qps > 0 ? span.total - span.before : source.held();
    co_return observer.count;
}

}  // namespace milo_perf::workload
