#include "harness.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <fstream>

#include "kube/cluster.hpp"

namespace milo_perf::test {
namespace asio = boost::asio;

TemporaryFile::TemporaryFile(const std::string& text) {
    std::string pattern = (std::filesystem::temp_directory_path() / "milo-perf-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    folder_ = pattern;
    path_ = folder_ / "file";
    write(text);
}

TemporaryFile::~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
}

void TemporaryFile::write(const std::string& text) const {
    std::ofstream(path_) << text;
    std::filesystem::permissions(path_,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

kube::RetryPolicy quick_retries() {
    kube::RetryPolicy policy;
    policy.max_attempts = 6;
    policy.base = std::chrono::milliseconds(2);
    policy.cap = std::chrono::milliseconds(20);
    return policy;
}

http::Limits quick_limits() {
    http::Limits limits;
    limits.max_connections = 8;
    limits.connect_timeout = std::chrono::seconds(5);
    limits.request_timeout = std::chrono::seconds(5);
    return limits;
}

Harness::Harness(fake_milo::Options options, http::Limits limits, kube::RetryPolicy retries)
    : server(std::move(options)), limits_(limits), retries_(retries) {
    use_kubeconfig(server.kubeconfig_text());
}

void Harness::use_kubeconfig(const std::string& text) {
    const TemporaryFile file(text);
    kube::KubeconfigSource source;
    source.paths = {file.path()};
    client = std::make_unique<kube::Client>(io.get_executor(), kube::resolve_cluster(source), limits_,
                                            retries_, recorder);
}

void Harness::drive(asio::awaitable<void> task) {
    bool done = false;
    std::exception_ptr error;
    asio::co_spawn(io, std::move(task), [&done, &error](const std::exception_ptr& thrown) {
        error = thrown;
        done = true;
    });
    io.restart();
    const TimePoint deadline = Clock::now() + std::chrono::minutes(1);
    while (!done && Clock::now() < deadline) io.run_one_for(std::chrono::seconds(1));
    if (!done) throw std::runtime_error("the coroutine did not end within a minute");
    if (error) std::rethrow_exception(error);
}

kube::Reply Harness::call(std::string method, std::string path, std::string body, std::string content_type) {
    return run(client->call({.method = method,
                             .path = path,
                             .body = body,
                             .content_type = content_type,
                             .series = series,
                             .max_attempts = std::nullopt}));
}

kube::CreateReply Harness::create(std::string name, std::string owner) {
    const std::string body = fmt::format(
        R"({{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"{}","labels":{{"test-id":"{}"}}}}}})",
        name, owner);
    const std::string path = configmaps_path + "/" + name;
    const kube::CreateCall call{.collection_path = configmaps_path,
                                .object_path = path,
                                .body = body,
                                .owner_label = {"test-id", "mine"},
                                .series = series,
                                .get_series = get_series};
    kube::CreateReply created;
    run(client->create(call, created));
    return created;
}

}  // namespace milo_perf::test
