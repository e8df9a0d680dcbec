#include "session/session.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <csignal>
#include <exception>

#include "base/log.hpp"
#include "session/clusters.hpp"

namespace milo_perf::session {
namespace asio = boost::asio;

namespace {

/// Requests to the results cluster are few and one after another.
constexpr std::size_t results_connections = 2;
constexpr Duration results_request_timeout = std::chrono::seconds(15);
constexpr Duration results_connect_timeout = std::chrono::seconds(3);

http::Limits results_limits(const config::Settings& settings) {
    http::Limits limits = limits_of(settings, results_connections);
    limits.request_timeout = std::min(limits.request_timeout, results_request_timeout);
    // It is never in the way of a run: a cluster that does not answer is told soon.
    limits.connect_timeout = std::min(limits.connect_timeout, results_connect_timeout);
    return limits;
}

}  // namespace

ResultsCluster::ResultsCluster(asio::any_io_executor executor, kube::ClusterConfig config,
                               const config::Settings& settings, stats::Recorder& recorder)
    : client(executor, std::move(config), results_limits(settings), retry_policy_of(settings), recorder),
      store(client, settings.target_namespace, recorder),
      checkpoints(executor, store) {}

Session::Session(config::Settings given, const kube::Environment& environment, std::set<Part> parts)
    : settings(std::move(given)),
      identity(settings.test_id, settings.org_name, settings.num_projects),
      source(source_of(settings)),
      environment_(environment),
      parts_(std::move(parts)) {}

Result<> Session::open() {
    for (const Part part : parts_) {
        if (const Result<> opened = open(part); !opened) return opened;
    }
    return {};
}

Result<> Session::open(Part part) {
    try {
        switch (part) {
            case Part::milo:
                if (!milo_) open_milo();
                break;
            case Part::results_cluster:
                if (!results_cluster_) open_results_cluster();
                break;
            case Part::metrics:
                if (!victoria_metrics_)
                    victoria_metrics_.emplace(io_.get_executor(), server_of(settings, environment_));
                break;
        }
    } catch (const UserError& problem) {
        return to_error(problem);
    }
    return {};
}

kube::ClusterConfig Session::warned(kube::ClusterConfig config) {
    // Both clusters may have the same kubeconfig.
    for (const std::string& warning : config.warnings) journal.warning_once(warning);
    return config;
}

void Session::open_milo() {
    milo_.emplace(io_.get_executor(), warned(milo_config(settings, environment_)),
                  limits_of(settings, most_in_flight(settings)), retry_policy_of(settings), recorder);
}

void Session::open_results_cluster() {
    std::optional<kube::ClusterConfig> config = results_config(environment_);
    if (!config) return;
    results_cluster_ =
        std::make_unique<ResultsCluster>(io_.get_executor(), warned(std::move(*config)), settings, aside_);
}

void Session::run(asio::awaitable<void> main) {
    await_signals();
    std::exception_ptr error;
    asio::co_spawn(io_, std::move(main), [this, &error](std::exception_ptr thrown) {
        error = std::move(thrown);
        close();
    });
    io_.run();
    if (error) std::rethrow_exception(error);
}

void Session::await_signals() {
    signals_.emplace(io_, SIGINT, SIGTERM);
    signals_->async_wait([this](const boost::system::error_code& error, int signal) {
        if (error) return;
        signal_code_ = signal == SIGTERM ? ExitCode::terminated : ExitCode::interrupted;
        // From now on they act as usual.
        signals_->clear();
        if (!interrupt_notice.empty()) log::warn("{}", interrupt_notice);
        if (interruptible_ != nullptr) interruptible_->cancel();
    });
}

asio::awaitable<bool> Session::until_signal(asio::awaitable<void> task) {
    if (signal_code_) co_return false;
    std::exception_ptr error;
    try {
        co_await with_nursery([&](Nursery& work) {
            interruptible_ = &work;
            work.spawn(std::move(task));
        });
    } catch (...) {
        error = std::current_exception();
    }
    interruptible_ = nullptr;
    if (signal_code_) co_return false;
    if (error) std::rethrow_exception(error);
    co_return true;
}

void Session::close() {
    signals_.reset();
    if (milo_) milo_->close();
    if (victoria_metrics_) victoria_metrics_->close();
    if (results_cluster_) results_cluster_->client.close();
}

config::Settings identified(config::Settings settings) {
    if (settings.test_id.empty()) settings.test_id = workload::random_test_id();
    return settings;
}

}  // namespace milo_perf::session
