// Reads of one Project with many Secrets, on a server that a kubeconfig names: fills the Project, lists it
// page by page from etcd and from the watch cache, gets single Secrets, and removes everything again. Prints
// the figures of each verb as a run has them.

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/program_options.hpp>
#include <iostream>
#include <string>
#include <vector>

#include "config/settings.hpp"
#include "kube/cluster.hpp"
#include "load/driver.hpp"
#include "report/terminal.hpp"
#include "results/from_stats.hpp"
#include "workload/cleanup.hpp"
#include "workload/execute.hpp"
#include "workload/object_template.hpp"
#include "workload/objects.hpp"
#include "workload/organization.hpp"
#include "workload/projects.hpp"
#include "workload/source.hpp"

namespace {

namespace asio = boost::asio;
namespace po = boost::program_options;
namespace types = milo_perf::workload::types;
using namespace milo_perf;
using stats::Verb;
using workload::Operation;

struct Options {
    std::string kubeconfig;
    std::uint32_t secrets = 0;
    std::uint32_t page_size = 0;
    std::uint32_t lists = 0;
    std::uint32_t gets = 0;
    std::uint32_t in_flight = 0;
};

config::Settings settings_of(const Options& options) {
    return config::make_settings({}, {{"NUM_PROJECTS", "1"},
                                      {"NUM_SECRETS_PER_PROJECT", std::to_string(options.secrets)},
                                      {"NUM_CONFIGMAPS_PER_PROJECT", "0"},
                                      {"OBJECT_CONCURRENCY", std::to_string(options.in_flight)},
                                      {"TEST_ID", workload::random_test_id()}});
}

/// Counts what lists give, and what failed.
class Reads : public workload::Observer {
  public:
    void object(const Operation& /*operation*/, boost::json::object& /*object*/) override { ++objects; }
    void ended(const Operation& operation, const workload::Outcome& outcome) override {
        if (outcome.ending == workload::Ending::done) return;
        throw std::runtime_error(
            fmt::format("a {} failed: {}", stats::to_string(operation.verb), outcome.reply.message));
    }

    std::uint64_t objects = 0;
};

class Bench {
  public:
    Bench(asio::io_context& io, const Options& options)
        : options_(options),
          settings_(settings_of(options)),
          client_(io.get_executor(), cluster(options), limits(options), {}, recorder_) {}

    asio::awaitable<void> run() {
        co_await workload::create_organization(context_);
        co_await workload::create_projects(context_, projects_);
        if (projects_.ready_count() == 0) throw std::runtime_error("the Project did not become Ready");
        std::vector<std::string> projects{identity_.project_name(0)};
        co_await workload::create_objects(context_, std::move(projects));
        for (std::uint32_t i = 0; i < options_.lists; ++i) {
            co_await list("list from etcd", "");
            co_await list("list from the cache", "0");
        }
        co_await get();
        const workload::CleanupReport report = co_await workload::clean_up(context_);
        if (!report.complete()) throw std::runtime_error("something is left: " + identity_.test_id());
    }

    void print() const {
        results::Run run;
        run.test_id = identity_.test_id();
        run.requests = results::request_series(recorder_);
        run.objects = tallies_.all();
        fmt::print("{}\n", report::summary(run, false));
        for (const results::RequestSeries& series : run.requests) {
            fmt::print(
                "{:<20} {:>16} {:<14} {:>6} operations, {:>6} attempts, {:>6} objects, {:>8} kB received\n",
                series.phase, series.verb, series.resource, series.operations, series.attempts, series.items,
                series.bytes_received / 1000);
        }
    }

  private:
    static kube::ClusterConfig cluster(const Options& options) {
        kube::KubeconfigSource source;
        source.paths = {options.kubeconfig};
        source.environment = kube::process_environment();
        return kube::resolve_cluster(source);
    }
    static http::Limits limits(const Options& options) {
        http::Limits limits;
        limits.max_connections = options.in_flight + 2;
        return limits;
    }

    Operation read(Verb verb, std::string phase) {
        const workload::SeriesOfPhase series(recorder_, std::move(phase), stats::Purpose::load);
        return {.verb = verb,
                .collection = &collection_,
                .object = &secret_,
                .label_selector = identity_.label_selector(),
                .page_size = options_.page_size,
                .series = series.of(verb, types::secrets)};
    }

    asio::awaitable<void> list(std::string phase, std::string resource_version) {
        Operation list = read(Verb::list, std::move(phase));
        list.resource_version = resource_version;
        Reads reads;
        co_await workload::run_one(context_, list, reads);
        if (reads.objects != options_.secrets)
            throw std::runtime_error(fmt::format("a list gave {} objects", reads.objects));
    }

    asio::awaitable<void> get() {
        workload::ObjectRegistry registry;
        for (std::uint32_t i = 0; i < options_.secrets; ++i) registry.add(collection_, i);
        workload::Draw draw(read(Verb::get, "get"), registry, 1);
        workload::Mix some({{1, &draw}}, 1, options_.gets);
        Reads reads;
        workload::Executor executor(context_, reads);
        co_await load::run_closed(options_.in_flight, some, executor);
    }

    Options options_;
    config::Settings settings_;
    TimePoint origin_ = Clock::now();
    stats::Recorder recorder_{origin_};
    kube::Client client_;
    workload::Identity identity_{settings_.test_id, "", 1};
    workload::Journal journal_{origin_};
    workload::Tallies tallies_;
    workload::ProjectRegistry projects_{identity_, 1};
    workload::Context context_{settings_, identity_, client_, recorder_,
                               journal_,  tallies_,  origin_, WallClock::now()};
    workload::Collection collection_{types::secrets, workload::Scope::project(identity_.project_name(0))};
    workload::ObjectTemplate secret_ = workload::ObjectTemplate::secret(identity_, 0);
};

Options parse(int argc, char** argv) {
    Options options;
    po::options_description flags("verbs-bench: lists and gets of one Project's Secrets");
    auto add = flags.add_options();
    add("help", "this text");
    add("kubeconfig", po::value(&options.kubeconfig)->required(), "of the server");
    add("secrets", po::value(&options.secrets)->default_value(10000), "Secrets in the Project");
    add("page-size", po::value(&options.page_size)->default_value(500), "objects per request of a list");
    add("lists", po::value(&options.lists)->default_value(10), "lists of each sort");
    add("gets", po::value(&options.gets)->default_value(10000), "gets of Secrets drawn at random");
    add("in-flight", po::value(&options.in_flight)->default_value(32), "creates and gets at a time");
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, flags), values);
    if (values.count("help") != 0) {
        std::cout << flags;
        std::exit(0);
    }
    po::notify(values);
    return options;
}

void run(const Options& options) {
    asio::io_context io(1);
    Bench bench(io, options);
    std::exception_ptr failure;
    asio::co_spawn(io, bench.run(), [&failure](const std::exception_ptr& error) { failure = error; });
    io.run();
    bench.print();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

int main(int argc, char** argv) {
    try {
        run(parse(argc, argv));
    } catch (const std::exception& error) {
        std::cerr << "verbs-bench: " << error.what() << '\n';
        return 2;
    }
    return 0;
}
