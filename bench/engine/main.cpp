// Drives the API client alone against one URL, closed loop: what a create costs the client.

#include <fmt/format.h>
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/program_options.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include "base/task_group.hpp"
#include "kube/client.hpp"
#include "workload/identity.hpp"
#include "workload/object_kind.hpp"

namespace {

namespace asio = boost::asio;
namespace po = boost::program_options;
using namespace milo_perf;

struct Options {
    std::string host;
    std::uint16_t port = 0;
    std::string ca_file;
    std::uint64_t requests = 0;
    std::uint32_t in_flight = 0;
    bool plain = false;
};

struct Work {
    std::uint64_t left = 0;
    std::uint64_t failed = 0;
};

asio::awaitable<void> worker(kube::Client& client, const workload::ObjectKind& kind, stats::SeriesId series,
                             Work& work) {
    const std::string collection = workload::objects_path("bench-p-000", "secrets");
    std::string name;
    std::string body;
    std::string path;
    while (work.left > 0) {
        const std::uint64_t number = work.left--;
        kind.write_name(static_cast<std::uint32_t>(number), name);
        kind.write_body(name, body);
        path.assign(collection).append("/").append(name);
        const kube::CreateCall call{.collection_path = collection,
                                    .object_path = path,
                                    .body = body,
                                    .owner_label = {"test-id", "bench"},
                                    .series = series,
                                    .get_series = series};
        const kube::CreateReply reply = co_await client.create(call);
        if (reply.creation != kube::Creation::created) ++work.failed;
    }
}

asio::awaitable<void> drive(kube::Client& client, const Options& options, stats::SeriesId series,
                            std::uint64_t requests, Work& work) {
    const workload::Identity identity("bench", "", 1);
    const workload::ObjectKind kind = workload::ObjectKind::secret(identity, 0);
    work.left = requests;
    TaskGroup group(co_await asio::this_coro::executor);
    for (std::uint32_t i = 0; i < options.in_flight; ++i) group.spawn(worker(client, kind, series, work));
    co_await group.join();
}

double cpu_seconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int bench(const Options& options) {
    asio::io_context io(1);
    stats::Recorder recorder(Clock::now());
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
    http::Limits limits;
    limits.max_connections = options.in_flight;
    // A bench that retries would measure its back-off.
    const kube::RetryPolicy once{.max_attempts = 1};
    kube::Client client(io.get_executor(), std::move(config), limits, once, recorder);
    Work work;
    const auto run = [&](std::string_view phase, std::uint64_t requests) {
        const stats::SeriesId series = recorder.series(phase, "create", "secrets");
        std::exception_ptr failure;
        asio::co_spawn(io, drive(client, options, series, requests, work),
                       [&failure](const std::exception_ptr& error) { failure = error; });
        io.restart();
        io.run();
        if (failure) std::rethrow_exception(failure);
        return series;
    };
    // Handshakes and first touches of memory are left out: every connection is open before the clock starts.
    run("warm_up", std::max<std::uint64_t>(options.in_flight * 2ULL, 1000));
    if (work.failed > 0) throw std::runtime_error("the server does not take creates: is it up?");
    const double cpu_before = cpu_seconds();
    const TimePoint begun = Clock::now();
    const stats::SeriesId series = run("measured", options.requests);
    const double wall = to_seconds(Clock::now() - begun);
    const double cpu = cpu_seconds() - cpu_before;
    const stats::Series& measured = recorder.at(series);
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto milliseconds = [&measured](double percent) {
        return to_seconds(measured.operation_latency.percentile(percent).value_or(Duration{})) * 1e3;
    };
    fmt::print(
        R"({{"requests":{},"failed":{},"in_flight":{},"wall_seconds":{:.4f},"requests_per_second":{:.1f},"cpu_seconds_per_request":{:.3e},"p50_ms":{:.3f},"p99_ms":{:.3f},"peak_memory_bytes":{}}})"
        "\n",
        options.requests, work.failed, options.in_flight, wall, static_cast<double>(options.requests) / wall,
        cpu / static_cast<double>(options.requests), milliseconds(50), milliseconds(99),
        usage.ru_maxrss * 1024);
    return work.failed == 0 ? 0 : 1;
}

Options parse(int argc, char** argv) {
    Options options;
    po::options_description flags("engine-bench: closed-loop creates against one server");
    flags.add_options()("help", "this text")("host", po::value(&options.host)->default_value("127.0.0.1"),
                                             "server")("port", po::value(&options.port)->required(),
                                                       "its port")("ca-file", po::value(&options.ca_file),
                                                                   "CA; not verified without one")(
        "requests", po::value(&options.requests)->default_value(200000), "requests that are measured")(
        "in-flight", po::value(&options.in_flight)->default_value(32), "requests at a time")(
        "plain", po::bool_switch(&options.plain), "no TLS");
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
        return bench(parse(argc, argv));
    } catch (const std::exception& error) {
        std::cerr << "engine-bench: " << error.what() << '\n';
        return 2;
    }
}
