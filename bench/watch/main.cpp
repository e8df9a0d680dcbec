// How late the watch tells that a Project is Ready, and what that costs the client: Projects of a fake Milo
// in this process become Ready one after another, while a client on a thread of its own follows them.

#include <fmt/format.h>
#include <pthread.h>
#include <time.h>

#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>
#include <boost/program_options.hpp>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "base/nursery.hpp"
#include "fake_milo/server.hpp"
#include "kube/client.hpp"
#include "kube/watch.hpp"
#include "stats/histogram.hpp"
#include "workload/identity.hpp"
#include "workload/object_template.hpp"
#include "workload/project_registry.hpp"

namespace {

namespace asio = boost::asio;
namespace po = boost::program_options;
using namespace milo_perf;

struct Options {
    std::uint32_t projects = 0;
    double events_per_second = 0;
};

fake_milo::Options server_options() {
    fake_milo::Options options;
    options.controller.enabled = false;
    return options;
}

std::string projects_path() {
    return workload::Collection(workload::types::projects, workload::Scope::root()).path();
}

/// The client's half: one watch and the registry of the run's Projects, on an event loop and a thread of its
/// own.
class Follower {
  public:
    Follower(const fake_milo::Server& server, const workload::Identity& identity, std::uint32_t projects)
        : registry_(identity, projects),
          client_(io_.get_executor(), cluster(server), {}, {}, recorder_),
          group_(io_.get_executor()) {
        kube::WatchOptions options;
        options.path = projects_path();
        options.label_selector = identity.label_selector();
        options.list_series = recorder_.series("projects", stats::Verb::list, "projects");
        options.watch_series = recorder_.series("projects", stats::Verb::watch, "projects");
        group_.spawn(kube::follow(client_, std::move(options), handlers()));
        asio::co_spawn(io_, group_.close(), [](const std::exception_ptr&) {});
        thread_ = std::thread([this] { io_.run(); });
    }
    ~Follower() { stop(); }
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    bool listed() const { return listed_; }
    std::size_t ready() const { return ready_; }

    double cpu_seconds() {
        clockid_t clock{};
        timespec time{};
        if (::pthread_getcpuclockid(thread_.native_handle(), &clock) != 0 ||
            ::clock_gettime(clock, &time) != 0)
            throw std::runtime_error("the thread's CPU time cannot be read");
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
    }

    /// Ends the watch; after it the registry is the caller's.
    const workload::ProjectRegistry& stop() {
        if (thread_.joinable()) {
            asio::post(io_, [this] { group_.cancel(); });
            thread_.join();
        }
        return registry_;
    }

  private:
    static kube::ClusterConfig cluster(const fake_milo::Server& server) {
        kube::ClusterConfig config;
        config.endpoint.host = "127.0.0.1";
        config.endpoint.port = server.port();
        config.endpoint.tls = true;
        config.endpoint.tls_options.ca_pem = server.ca_pem();
        config.credentials = kube::make_static_credentials("Bearer fake-token", {});
        return config;
    }

    kube::WatchHandlers handlers() {
        kube::WatchHandlers handlers;
        handlers.on_object = [this](boost::json::object& project) {
            registry_.observe(project, Clock::now());
            ready_ = registry_.ready_count();
        };
        handlers.on_deleted = [](boost::json::object&) {};
        handlers.on_listed = [this] { listed_ = true; };
        handlers.on_notice = [](std::string) {};
        return handlers;
    }

    asio::io_context io_{1};
    stats::Recorder recorder_{Clock::now()};
    workload::ProjectRegistry registry_;
    kube::Client client_;
    Nursery group_;
    std::atomic<bool> listed_ = false;
    std::atomic<std::size_t> ready_ = 0;
    std::thread thread_;
};

template <class Condition>
void wait_for(const char* what, Condition condition) {
    const TimePoint deadline = Clock::now() + std::chrono::seconds(60);
    while (!condition()) {
        if (Clock::now() > deadline)
            throw std::runtime_error(fmt::format("{} did not come within 60 s", what));
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

void put_projects(fake_milo::Server& server, const workload::Identity& identity,
                  const workload::ProjectRegistry& names) {
    const workload::ObjectTemplate object = workload::ObjectTemplate::project(identity);
    std::string body;
    for (const workload::ProjectState& project : names.projects()) {
        object.write_body(project.name, body);
        server.put_object(projects_path() + "/" + project.name, body);
    }
}

int bench(const Options& options) {
    fake_milo::Server server(server_options());
    const workload::Identity identity("bench", "", options.projects);
    const workload::ProjectRegistry names(identity, options.projects);
    put_projects(server, identity, names);

    Follower follower(server, identity, options.projects);
    wait_for("the list", [&follower] { return follower.listed(); });
    // The watch request is sent after the list; its first events would wait for the connection.
    wait_for("the watch", [&server] { return server.stats().watches_open == 1; });

    const double cpu_before = follower.cpu_seconds();
    std::vector<TimePoint> made_ready;
    const TimePoint start = Clock::now();
    for (std::size_t i = 0; i < options.projects; ++i) {
        std::this_thread::sleep_until(start +
                                      from_seconds(static_cast<double>(i) / options.events_per_second));
        made_ready.push_back(Clock::now());
        server.set_project_condition(names.projects()[i].name, true, "Ready");
    }
    wait_for("the last Ready", [&] { return follower.ready() == options.projects; });
    const double cpu = follower.cpu_seconds() - cpu_before;

    const workload::ProjectRegistry& seen = follower.stop();
    stats::Histogram lag;
    for (std::size_t i = 0; i < options.projects; ++i)
        lag.record(*seen.projects()[i].ready_seen - made_ready[i]);
    const auto milliseconds = [&lag](double percent) { return to_seconds(*lag.percentile(percent)) * 1e3; };
    fmt::print(
        R"({{"projects":{},"cpu_us_per_project":{:.1f},"lag_p50_ms":{:.3f},"lag_p99_ms":{:.3f},"lag_max_ms":{:.3f}}})"
        "\n",
        options.projects, cpu / options.projects * 1e6, milliseconds(50), milliseconds(99),
        milliseconds(100));
    return 0;
}

Options parse(int argc, char** argv) {
    Options options;
    po::options_description flags(
        "watch-bench: from a Project's Ready on the server to the client's knowledge");
    flags.add_options()("help", "this text");
    flags.add_options()("projects", po::value(&options.projects)->default_value(1000),
                        "Projects that become Ready");
    flags.add_options()("events-per-second", po::value(&options.events_per_second)->default_value(1000),
                        "their pace");
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, flags), values);
    if (values.count("help") != 0) {
        std::cout << flags;
        std::exit(0);
    }
    po::notify(values);
    if (options.projects == 0 || !(options.events_per_second > 0))
        throw std::runtime_error("--projects and --events-per-second must be above 0");
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return bench(parse(argc, argv));
    } catch (const std::exception& error) {
        std::cerr << "watch-bench: " << error.what() << '\n';
        return 2;
    }
}
