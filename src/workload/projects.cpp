#include "workload/projects.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/json/object.hpp>
#include <boost/system/system_error.hpp>

#include "base/error.hpp"
#include "base/task_group.hpp"
#include "kube/watch.hpp"
#include "workload/arrivals.hpp"
#include "workload/open_loop_driver.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr std::string_view phase = "projects";

/// The creates of one run's Projects, by whatever loop.
class ProjectCreator {
  public:
    ProjectCreator(const Context& context, ProjectRegistry& registry)
        : context_(context),
          registry_(registry),
          scope_(organization_scope(context.identity.org_name())),
          collection_(scope_ + projects_path()),
          series_(context.recorder.series(phase, "create", "projects")),
          get_series_(context.recorder.series(phase, "get", "projects")),
          count_(context.tallies.at("projects")) {
        for (std::size_t i = 0; i < registry.projects().size(); ++i) {
            if (!registry.projects()[i].there()) missing_.push_back(i);
        }
        count_.requested = registry.projects().size();
        count_.existing = registry.projects().size() - missing_.size();
    }

    std::size_t missing() const { return missing_.size(); }
    stats::SeriesId series() const { return series_; }

    asio::awaitable<void> create(std::size_t number, TimePoint planned) {
        const std::size_t index = missing_[number];
        const std::string name = registry_.projects()[index].name;
        const std::string body = context_.identity.project_body(name);
        const std::string path = projects_path() + "/" + name;
        const kube::CreateCall call{.collection_path = collection_,
                                    .object_path = path,
                                    .body = body,
                                    .owner_label = context_.identity.owner_label(),
                                    .series = series_,
                                    .get_series = get_series_,
                                    .planned = planned};
        const TimePoint sent = Clock::now();
        registry_.at(index).create_sent = sent;
        const kube::CreateReply created = co_await context_.milo.create(call);
        if (created.reply.judgement.verdict == kube::Verdict::cancelled) co_return;
        Tallies::count(count_, created.creation);
        registry_.created(index, created.creation, sent, Clock::now(), created.reply.message);
        if (created.creation == kube::Creation::failed)
            context_.journal.failure("Project create", created.reply.message);
    }

    asio::awaitable<void> worker() {
        while (next_ < missing_.size()) {
            const std::size_t number = next_++;
            co_await create(number, TimePoint{});
        }
    }

  private:
    const Context& context_;
    ProjectRegistry& registry_;
    std::string scope_;
    std::string collection_;
    stats::SeriesId series_;
    stats::SeriesId get_series_;
    results::ObjectCount& count_;
    std::vector<std::size_t> missing_;
    std::size_t next_ = 0;
};

asio::awaitable<void> create_closed_loop(const Context& context, ProjectCreator& creator) {
    TaskGroup group(co_await asio::this_coro::executor);
    const std::size_t workers =
        std::min<std::size_t>(context.settings.project_create_concurrency, creator.missing());
    for (std::size_t i = 0; i < workers; ++i) group.spawn(creator.worker());
    co_await group.join();
}

asio::awaitable<void> create_open_loop(const Context& context, ProjectCreator& creator) {
    load::OpenLoop loop(load::ArrivalSchedule(load::RateProfile::constant(context.settings.project_qps),
                                              arrival_of(context.settings), context.settings.seed,
                                              Clock::now(), creator.missing()),
                        {.max_in_flight = context.settings.max_in_flight});
    SeriesOf series_of = [&creator](std::uint64_t) { return creator.series(); };
    PlannedOperation operation = [&creator](std::uint64_t number, TimePoint planned) {
        return creator.create(number, planned);
    };
    co_await drive_open_loop(loop, context.recorder, std::move(series_of), std::move(operation));
}

asio::awaitable<void> create_and_wait(const Context& context, ProjectRegistry& registry,
                                      asio::steady_timer& changed) {
    ProjectCreator creator(context, registry);
    if (creator.missing() > 0) {
        if (context.settings.project_qps > 0) {
            co_await create_open_loop(context, creator);
        } else {
            co_await create_closed_loop(context, creator);
        }
    }
    const results::ObjectCount& count = context.tallies.at("projects");
    if (count.created + count.existing == 0) {
        throw UserError(fmt::format("No Project could be created: {}.", context.journal.main_failure()),
                        ExitCode::failed);
    }
    const TimePoint deadline = Clock::now() + from_seconds(context.settings.ready_timeout_seconds);
    while (registry.waiting_count() > 0 && Clock::now() < deadline) {
        changed.expires_at(deadline);
        co_await changed.async_wait(asio::as_tuple(asio::deferred));
        const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) {
            throw boost::system::system_error(asio::error::operation_aborted);
        }
    }
}

/// The watch ends with the phase: it lives in a group of its own, which is cancelled when the creates and the
/// waiting are over.
asio::awaitable<void> create_then_stop(const Context& context, ProjectRegistry& registry,
                                       asio::steady_timer& changed, TaskGroup& watching) {
    std::exception_ptr error;
    try {
        co_await create_and_wait(context, registry, changed);
    } catch (...) {
        error = std::current_exception();
    }
    watching.cancel();
    if (error) std::rethrow_exception(error);
}

kube::WatchHandlers handlers_for(const Context& context, ProjectRegistry& registry,
                                 asio::steady_timer& changed) {
    kube::WatchHandlers handlers;
    handlers.on_object = [&registry, &changed](json::object& project) {
        const std::size_t before = registry.ready_count();
        registry.observe(project, Clock::now());
        if (registry.ready_count() != before && registry.waiting_count() == 0) changed.cancel();
    };
    handlers.on_deleted = [&context, &registry, &changed](json::object& project) {
        if (!registry.observe_deleted(project)) return;
        context.journal.event("apiserver", "a Project of this run was deleted by someone else");
        changed.cancel();
    };
    handlers.on_listed = [&context, &registry, &changed] {
        const std::size_t gone = registry.end_list();
        registry.begin_list();
        if (gone > 0)
            context.journal.event("apiserver",
                                  fmt::format("{} Projects of this run were deleted by someone else", gone));
        changed.cancel();
    };
    handlers.on_notice = [&context](std::string notice) {
        context.journal.event("watch", std::move(notice));
    };
    return handlers;
}

}  // namespace

asio::awaitable<void> create_projects(const Context& context, ProjectRegistry& registry) {
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer changed(executor, asio::steady_timer::time_point::max());
    kube::WatchOptions options;
    options.path = projects_path();
    options.label_selector = context.identity.label_selector();
    options.request_length = from_seconds(context.settings.watch_timeout_seconds);
    options.silence = options.request_length + std::chrono::seconds(10);
    options.list_series = context.recorder.series(phase, "list", "projects");
    options.watch_series = context.recorder.series(phase, "watch", "projects");

    TaskGroup watching(executor);
    TaskGroup creating(executor);
    registry.begin_list();
    watching.spawn(kube::follow(context.milo, std::move(options), handlers_for(context, registry, changed)));
    creating.spawn(create_then_stop(context, registry, changed, watching));
    std::exception_ptr error;
    try {
        co_await watching.join();
    } catch (...) {
        // The watch was refused, or the run is cancelled: the creates end too.
        error = std::current_exception();
        creating.cancel();
    }
    co_await asio::this_coro::throw_if_cancelled(false);
    try {
        co_await creating.join();
    } catch (...) {
        if (!error || is_cancellation(error)) error = std::current_exception();
    }
    co_await asio::this_coro::throw_if_cancelled(true);
    if (error) std::rethrow_exception(error);
}

}  // namespace milo_perf::workload
