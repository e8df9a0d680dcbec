// Drives the API client alone against one server, closed loop: what a create costs the client. Several
// numbers in flight are measured in turn within one process, so that a machine whose speed drifts slows all
// of them down.

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/program_options.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "base/process_usage.hpp"
#include "kube/client.hpp"
#include "load/driver.hpp"
#include "workload/execute.hpp"
#include "workload/object_template.hpp"
#include "workload/source.hpp"

namespace {

namespace asio = boost::asio;
namespace po = boost::program_options;
using namespace milo_perf;

struct Options {
    std::string host;
    std::uint16_t port = 0;
    std::string ca_file;
    std::uint64_t requests = 0;
    std::vector<std::uint32_t> in_flight;
    std::uint32_t rounds = 1;
    bool plain = false;
};

/// Creates of Secrets, numbered downwards.
class Creates : public workload::Source, public workload::Observer {
  public:
    /// At least `count`, and on until `connections` are open.
    Creates(const workload::Operation& model, std::uint64_t count, std::uint64_t connections,
            const kube::Client& client)
        : model_(model), left_(count), connections_(connections), client_(client) {}

    Next next(const load::Turn& /*turn*/) override {
        if (failed > 0 || (left_ == 0 && client_.counters().connections_opened >= connections_))
            return Next::done();
        if (left_ > 0) --left_;
        model_.index = static_cast<std::uint32_t>(left_);
        return Next::of(model_);
    }
    void ended(const workload::Operation& /*operation*/, const workload::Outcome& outcome) override {
        if (outcome.ending == workload::Ending::done) return;
        if (failed++ == 0) problem = outcome.reply.message;
    }

    std::uint64_t failed = 0;
    /// Why, of the first that failed.
    std::string problem;

  private:
    workload::Operation model_;
    std::uint64_t left_;
    std::uint64_t connections_;
    const kube::Client& client_;
};

kube::ClusterConfig cluster_of(const Options& options) {
    kube::ClusterConfig config;
    config.endpoint.host = options.host;
    config.endpoint.port = options.port;
    config.endpoint.tls = !options.plain;
    if (options.ca_file.empty()) {
        config.endpoint.tls_options.verify = false;
    } else {
        std::ifstream file(options.ca_file);
        config.endpoint.tls_options.ca_pem.assign(std::istreambuf_iterator<char>(file), {});
    }
    config.credentials = kube::make_static_credentials("Bearer 0123456789abcdef0123456789abcdef", {});
    return config;
}

/// One number in flight, with connections of its own.
class Contender {
  public:
    Contender(asio::io_context& io, const Options& options, std::uint32_t in_flight)
        : io_(io), in_flight_(in_flight), recorder_(Clock::now()) {
        http::Limits limits;
        limits.max_connections = in_flight;
        // A bench that retries would measure its back-off.
        const kube::RetryPolicy once{.max_attempts = 1};
        client_ =
            std::make_unique<kube::Client>(io.get_executor(), cluster_of(options), limits, once, recorder_);
    }

    /// Handshakes and first touches of memory are left out: every connection is open before the clock starts.
    /// The pool opens a few at a time and hands round those that it has, so that a number of creates says
    /// nothing.
    void warm_up() { run("warm_up", std::max<std::uint64_t>(in_flight_ * 2ULL, 1000), in_flight_); }

    /// Prints one line of JSON.
    void measure(std::uint64_t requests, std::uint32_t round) {
        // The others have had the caches.
        run("warm_up", in_flight_, 0);
        const Duration cpu_before = process_cpu_time();
        const Duration kernel_before = process_kernel_time();
        const TimePoint begun = Clock::now();
        const stats::Series& measured = recorder_.at(run(fmt::format("round {}", round), requests, 0));
        const double wall = to_seconds(Clock::now() - begun);
        const double cpu = to_seconds(process_cpu_time() - cpu_before);
        const double kernel = to_seconds(process_kernel_time() - kernel_before);
        if (client_->counters().connections_opened > in_flight_)
            throw std::runtime_error("connections were lost and opened again during the measurement");
        const auto milliseconds = [&measured](double percent) {
            return to_seconds(measured.operation_latency.percentile(percent).value_or(Duration{})) * 1e3;
        };
        fmt::print(
            R"({{"requests":{},"failed":0,"in_flight":{},"wall_seconds":{:.4f},"requests_per_second":{:.1f},"cpu_seconds":{:.4f},"kernel_cpu_seconds":{:.4f},"cpu_us_per_request":{:.2f},"p50_ms":{:.3f},"p99_ms":{:.3f},"peak_memory_bytes":{}}})"
            "\n",
            requests, in_flight_, wall, static_cast<double>(requests) / wall, cpu, kernel,
            cpu / static_cast<double>(requests) * 1e6, milliseconds(50), milliseconds(99),
            peak_memory_bytes().value());
    }

  private:
    stats::SeriesId run(std::string_view phase, std::uint64_t requests, std::uint64_t connections) {
        const stats::SeriesId series = recorder_.series(phase, stats::Verb::create, "secrets");
        Creates creates({.verb = stats::Verb::create,
                         .collection = &collection_,
                         .object = &secret_,
                         .series = series,
                         .lookup_series = series},
                        requests, connections, *client_);
        workload::Executor executor(*client_, recorder_, {"test-id", "bench"}, creates);
        std::exception_ptr failure;
        asio::co_spawn(io_, load::run_closed(in_flight_, creates, executor),
                       [&failure](const std::exception_ptr& error) { failure = error; });
        io_.restart();
        io_.run();
        if (failure) std::rethrow_exception(failure);
        if (creates.failed > 0) throw std::runtime_error("a create failed: " + creates.problem);
        return series;
    }

    asio::io_context& io_;
    std::uint32_t in_flight_;
    stats::Recorder recorder_;
    std::unique_ptr<kube::Client> client_;
    workload::ObjectTemplate secret_ =
        workload::ObjectTemplate::secret(workload::Identity("bench", "", 1), 0);
    workload::Collection collection_{workload::types::secrets, workload::Scope::project("bench-p-000")};
};

void bench(const Options& options) {
    asio::io_context io(1);
    std::vector<std::unique_ptr<Contender>> contenders;
    for (const std::uint32_t in_flight : options.in_flight) {
        contenders.push_back(std::make_unique<Contender>(io, options, in_flight));
        contenders.back()->warm_up();
    }
    for (std::uint32_t round = 0; round < options.rounds; ++round) {
        // A turning order, so that none always follows the same other.
        for (std::size_t place = 0; place < contenders.size(); ++place) {
            const std::size_t which = (place + round) % contenders.size();
            // Each connection's first answers are the slowest of a piece.
            const std::uint64_t least = 6ULL * options.in_flight[which];
            contenders[which]->measure(std::max(options.requests, least), round);
        }
    }
}

Options parse(int argc, char** argv) {
    Options options;
    po::options_description flags("engine-bench: closed-loop creates against one server");
    auto add = flags.add_options();
    add("help", "this text");
    add("host", po::value(&options.host)->default_value("127.0.0.1"), "server");
    add("port", po::value(&options.port)->required(), "its port");
    add("ca-file", po::value(&options.ca_file), "CA; not verified without one");
    add("requests", po::value(&options.requests)->default_value(200000),
        "requests that are measured, each time; at least six for each in flight");
    add("in-flight", po::value(&options.in_flight)->multitoken()->default_value({32}, "32"),
        "requests at a time; several are measured in turn");
    add("rounds", po::value(&options.rounds)->default_value(1), "how often each is measured");
    add("plain", po::bool_switch(&options.plain), "no TLS");
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, flags), values);
    if (values.count("help") != 0) {
        std::cout << flags;
        std::exit(0);
    }
    po::notify(values);
    return options;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        bench(parse(argc, argv));
    } catch (const std::exception& error) {
        std::cerr << "engine-bench: " << error.what() << '\n';
        return 2;
    }
    return 0;
}
