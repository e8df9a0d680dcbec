// Plays Milo's project controller on the local stack: makes Projects Ready, and purges those being deleted,
// each in two reconciles with a pause between them, in a queue that a few workers share.

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/program_options.hpp>
#include <deque>
#include <iostream>
#include <random>
#include <set>
#include <string>

#include "base/error.hpp"
#include "base/log.hpp"
#include "base/nursery.hpp"
#include "config/values.hpp"
#include "kube/client.hpp"
#include "kube/cluster.hpp"
#include "kube/json_path.hpp"
#include "kube/watch.hpp"

namespace {

namespace asio = boost::asio;
namespace json = boost::json;
namespace po = boost::program_options;
using namespace milo_perf;

constexpr std::string_view projects_path = "/apis/resourcemanager.miloapis.com/v1alpha1/projects";
constexpr std::string_view finalizer = "resourcemanager.miloapis.com/project-controller";

struct Options {
    std::string kubeconfig;
    Duration ready_delay{};
    Duration ready_spread{};
    double never_ready_share = 0;
    Duration purge_delay{};
    std::size_t workers = 1;
    double qps = 0;
    std::uint32_t seed = 1;
};

/// At most so many requests a second, after a burst of ten: client-go's default, which Milo's client for the
/// cluster that holds its Projects' control planes has.
class RateLimit {
  public:
    /// No limit where `qps` is 0.
    explicit RateLimit(double qps) : interval_(qps > 0 ? from_seconds(1 / qps) : Duration::zero()) {}

    asio::awaitable<void> wait() {
        if (interval_ == Duration::zero()) co_return;
        const Clock::time_point now = Clock::now();
        next_ = std::max(next_, now - burst * interval_) + interval_;
        if (next_ > now) co_await sleep_until(next_);
    }

  private:
    static constexpr int burst = 10;
    Duration interval_;
    Clock::time_point next_{};
};

class Controller {
  public:
    Controller(asio::any_io_executor executor, kube::Client& client, stats::Recorder& recorder,
               Options options)
        : client_(client),
          recorder_(recorder),
          options_(std::move(options)),
          limit_(options_.qps),
          tasks_(executor),
          queue_filled_(std::move(executor), Clock::time_point::max()),
          random_(options_.seed) {}

    asio::awaitable<void> run() {
        kube::WatchOptions watch;
        watch.path = std::string(projects_path);
        watch.list_series = series(stats::Verb::list);
        watch.watch_series = series(stats::Verb::watch);
        kube::WatchHandlers handlers;
        handlers.on_object = [this](json::object& project) { observe(project); };
        handlers.on_deleted = [this](json::object& project) {
            const std::string name(kube::text_at(project, {"metadata", "name"}));
            started_.erase(name);
            purging_.erase(name);
        };
        // The local stack waits for this line.
        handlers.on_listed = [] { log::info("watching projects"); };
        handlers.on_notice = [](std::string notice) { log::warn("{}", notice); };
        tasks_.spawn(kube::follow(client_, std::move(watch), std::move(handlers)));
        for (std::size_t worker = 0; worker < options_.workers; ++worker) tasks_.spawn(work());
        co_await tasks_.close();
    }

    void stop() { tasks_.cancel(); }

  private:
    static stats::Verb verb_of(std::string_view method) {
        if (method == "POST") return stats::Verb::create;
        if (method == "PUT") return stats::Verb::update;
        return method == "PATCH" ? stats::Verb::patch : stats::Verb::delete_;
    }
    enum class Step { engage, make_ready, purge, release };
    struct Item {
        std::string project;
        Step step;
    };

    stats::SeriesId series(stats::Verb verb) { return recorder_.series("controller", verb, "projects"); }

    void observe(const json::object& project) {
        const std::string name(kube::text_at(project, {"metadata", "name"}));
        if (!kube::text_at(project, {"metadata", "deletionTimestamp"}).empty()) {
            if (purging_.insert(name).second) enqueue({name, Step::purge});
        } else if (!is_ready(project) && started_.insert(name).second) {
            enqueue({name, Step::engage});
        }
    }

    void enqueue(Item item) {
        queue_.push_back(std::move(item));
        queue_filled_.cancel();
    }

    /// What comes back after a pause stands behind all that came meanwhile.
    void enqueue_after(Duration pause, Item item) {
        tasks_.spawn([](Controller& self, Clock::time_point when, Item later) -> asio::awaitable<void> {
            co_await sleep_until(when);
            self.enqueue(std::move(later));
        }(*this, Clock::now() + pause, std::move(item)));
    }

    asio::awaitable<void> work() {
        while (true) {
            while (queue_.empty()) {
                // Its wait ends with an error whenever something was put into the queue.
                boost::system::error_code ended;
                co_await queue_filled_.async_wait(asio::redirect_error(asio::use_awaitable, ended));
            }
            Item item = std::move(queue_.front());
            queue_.pop_front();
            co_await reconcile(std::move(item));
        }
    }

    asio::awaitable<void> reconcile(Item item) {
        switch (item.step) {
            case Step::engage:
                co_await engage(std::move(item.project));
                break;
            case Step::make_ready:
                co_await make_ready(std::move(item.project));
                break;
            case Step::purge:
                co_await purge(std::move(item.project));
                break;
            case Step::release:
                co_await release(std::move(item.project));
                break;
        }
    }

    /// One that a controller before this one has finished.
    static bool is_ready(const json::object& project) {
        const json::object* status = kube::object_at(project, {"status"});
        const json::value* conditions = status == nullptr ? nullptr : status->if_contains("conditions");
        if (conditions == nullptr || !conditions->is_array()) return false;
        for (const json::value& condition : conditions->get_array()) {
            if (!condition.is_object()) continue;
            const json::object& fields = condition.get_object();
            if (kube::text_at(fields, {"type"}) == "Ready")
                return kube::text_at(fields, {"status"}) == "True";
        }
        return false;
    }

    Duration delay() {
        const auto spread = options_.ready_spread.count();
        std::uniform_int_distribution<std::int64_t> around(-spread, spread);
        return std::max(Duration::zero(), options_.ready_delay + Duration(around(random_)));
    }

    asio::awaitable<kube::Reply> call(std::string method, std::string path, std::string body,
                                      std::string type) {
        const kube::Reply reply = co_await client_.call({.method = method,
                                                         .path = path,
                                                         .body = body,
                                                         .content_type = type,
                                                         .series = series(verb_of(method))});
        const bool expected = reply.ok() || reply.status == 404 || reply.status == 409;
        if (!expected) log::error("{} {}: {}", method, path, reply.message);
        co_return reply;
    }

    asio::awaitable<void> patch_project(std::string name, std::string subresource, std::string body) {
        co_await call("PATCH", fmt::format("{}/{}{}", projects_path, name, subresource), std::move(body),
                      "application/merge-patch+json");
    }

    /// A Project that is being deleted must not get a namespace that nobody would remove.
    bool wanted(const std::string& name) const { return started_.contains(name) && !purging_.contains(name); }

    asio::awaitable<void> engage(std::string name) {
        if (!wanted(name)) co_return;
        const bool never = std::bernoulli_distribution(options_.never_ready_share)(random_);
        co_await patch_project(name, "", fmt::format(R"({{"metadata":{{"finalizers":["{}"]}}}})", finalizer));
        if (never) co_return;
        co_await limit_.wait();
        if (!wanted(name)) co_return;
        co_await call(
            "POST", "/api/v1/namespaces",
            fmt::format(R"({{"apiVersion":"v1","kind":"Namespace","metadata":{{"name":"{}"}}}})", name),
            "application/json");
        enqueue_after(delay(), {name, Step::make_ready});
    }

    asio::awaitable<void> make_ready(std::string name) {
        if (!wanted(name)) co_return;
        const std::string now = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt_time());
        co_await patch_project(
            name, "/status",
            fmt::format(
                R"({{"status":{{"conditions":[{{"type":"Ready","status":"True","reason":"Ready","message":"Project is ready","lastTransitionTime":"{}"}}]}}}})",
                now));
    }

    static std::tm fmt_time() {
        const std::time_t now = WallClock::to_time_t(WallClock::now());
        std::tm parts{};
        ::gmtime_r(&now, &parts);
        return parts;
    }

    asio::awaitable<void> purge(std::string name) {
        if (!purging_.contains(name)) co_return;
        for (const std::string_view resource : {"secrets", "configmaps"}) {
            co_await call("DELETE", fmt::format("/api/v1/namespaces/{}/{}", name, resource), "",
                          "application/json");
        }
        enqueue_after(options_.purge_delay, {name, Step::release});
    }

    /// There is no namespace controller on the stack: the namespace is finalised here.
    asio::awaitable<void> release(std::string name) {
        const std::string path = "/api/v1/namespaces/" + name;
        co_await limit_.wait();
        // Gone meanwhile: one that is there by now is another of the same name.
        if (!purging_.contains(name)) co_return;
        co_await call("DELETE", path, "", "application/json");
        co_await call(
            "PUT", path + "/finalize",
            fmt::format(
                R"({{"apiVersion":"v1","kind":"Namespace","metadata":{{"name":"{}"}},"spec":{{"finalizers":[]}}}})",
                name),
            "application/json");
        co_await patch_project(name, "", R"({"metadata":{"finalizers":[]}})");
    }

    kube::Client& client_;
    stats::Recorder& recorder_;
    Options options_;
    RateLimit limit_;
    Nursery tasks_;
    std::deque<Item> queue_;
    asio::steady_timer queue_filled_;
    std::minstd_rand random_;
    std::set<std::string> started_;
    std::set<std::string> purging_;
};

Duration duration_of(const std::string& flag, const std::string& text) {
    const auto seconds = config::parse_duration_seconds(text);
    if (!seconds)
        throw UserError(fmt::format("--{} must be a duration such as 200ms, and \"{}\" is not.", flag, text));
    return from_seconds(*seconds);
}

Options parse(int argc, char** argv) {
    Options options;
    std::string delay;
    std::string spread;
    std::string purge;
    po::options_description flags("project-controller: makes the local stack's Projects Ready");
    flags.add_options()("help", "this text")("kubeconfig", po::value(&options.kubeconfig)->required(),
                                             "the apiserver's kubeconfig")(
        "ready-delay", po::value(&delay)->default_value("2s"),
        "between the two reconciles that make a Project Ready")(
        "ready-spread", po::value(&spread)->default_value("100ms"),
        "the delay varies evenly by this much both ways")(
        "never-ready-share", po::value(&options.never_ready_share)->default_value(0),
        "share of Projects that never get Ready, 0 to 1")(
        "purge-delay", po::value(&purge)->default_value("5s"),
        "from the purge of a Project that is being deleted to its end")(
        "workers", po::value(&options.workers)->default_value(4), "reconciles at a time")(
        "qps", po::value(&options.qps)->default_value(5),
        "namespaces created and deleted per second, after a burst of ten; 0 is no limit")(
        "seed", po::value(&options.seed)->default_value(1), "seed of delays and shares");
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, flags), values);
    if (values.count("help") != 0) {
        std::cout << flags;
        std::exit(0);
    }
    po::notify(values);
    options.ready_delay = duration_of("ready-delay", delay);
    options.ready_spread = duration_of("ready-spread", spread);
    options.purge_delay = duration_of("purge-delay", purge);
    if (!(options.never_ready_share >= 0 && options.never_ready_share <= 1)) {
        throw UserError("--never-ready-share must be a number from 0 to 1.");
    }
    if (options.workers == 0) throw UserError("--workers must be a whole number from 1.");
    if (!(options.qps >= 0)) throw UserError("--qps must be a number from 0.");
    return options;
}

int serve(const Options& options) {
    asio::io_context io(1);
    stats::Recorder recorder(Clock::now());
    kube::KubeconfigSource source;
    source.paths = {options.kubeconfig};
    source.environment = kube::process_environment();
    http::Limits limits;
    limits.max_connections = 32;
    kube::Client client(io.get_executor(), kube::resolve_cluster(source), limits, {}, recorder);
    Controller controller(io.get_executor(), client, recorder, options);
    asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&controller](const boost::system::error_code& error, int) {
        if (!error) controller.stop();
    });
    std::exception_ptr failure;
    asio::co_spawn(io, controller.run(), [&failure, &signals](const std::exception_ptr& error) {
        failure = error;
        signals.cancel();
    });
    io.run();
    if (failure && !is_cancellation(failure)) std::rethrow_exception(failure);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return serve(parse(argc, argv));
    } catch (const std::exception& error) {
        std::cerr << "project-controller: " << error.what() << '\n';
        return 2;
    }
}
