#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

#include "base/clock.hpp"
#include "fake_milo/server.hpp"
#include "kube/client.hpp"
#include "stats/recorder.hpp"

namespace milo_perf::test {

/// A file in a folder of its own, which goes with the object.
class TemporaryFile {
  public:
    explicit TemporaryFile(const std::string& text);
    ~TemporaryFile();
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    const std::filesystem::path& path() const { return path_; }
    void write(const std::string& text) const;

  private:
    std::filesystem::path folder_;
    std::filesystem::path path_;
};

/// Short pauses, so that tests of many retries are quick.
kube::RetryPolicy quick_retries();
http::Limits quick_limits();

/// A client of a fake Milo on an io_context of its own.
class Harness {
  public:
    explicit Harness(fake_milo::Options options = {}, http::Limits limits = quick_limits(),
                     kube::RetryPolicy retries = quick_retries());

    /// Replaces the client by one of this kubeconfig.
    void use_kubeconfig(const std::string& text);

    /// Runs a coroutine to its end, or fails the test after a minute.
    template <class T>
    T run(boost::asio::awaitable<T> task) {
        std::optional<T> result;
        drive(keep(std::move(task), result));
        return std::move(*result);
    }
    void run(boost::asio::awaitable<void> task) { drive(std::move(task)); }

    kube::Reply call(std::string method, std::string path, std::string body = {},
                     std::string content_type = "application/json");
    /// Creates a ConfigMap in the root's `default` namespace, labelled `test-id: {owner}`.
    kube::CreateReply create(std::string name, std::string owner = "mine");

    fake_milo::Server server;
    boost::asio::io_context io{1};
    stats::Recorder recorder{Clock::now()};
    stats::SeriesId series = recorder.series("test", stats::Verb::create, "things");
    stats::SeriesId get_series = recorder.series("test", stats::Verb::get, "things");
    std::unique_ptr<kube::Client> client;

  private:
    template <class T>
    static boost::asio::awaitable<void> keep(boost::asio::awaitable<T> task, std::optional<T>& result) {
        T value = co_await std::move(task);
        result.emplace(std::move(value));
    }
    void drive(boost::asio::awaitable<void> task);

    http::Limits limits_;
    kube::RetryPolicy retries_;
};

inline const std::string configmaps_path = "/api/v1/namespaces/default/configmaps";

}  // namespace milo_perf::test
