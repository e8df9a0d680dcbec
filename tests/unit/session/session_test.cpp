#include "session/session.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <stdexcept>

using namespace milo_perf;
using namespace std::chrono_literals;
using session::Part;
using session::Session;

namespace {

config::Settings settings_with(config::KnobTexts knobs) {
    knobs.emplace("TEST_ID", "abc");
    return config::make_settings(knobs, {});
}

boost::asio::awaitable<void> sleep_for_ever() {
    co_await sleep_until(TimePoint::max());
}

boost::asio::awaitable<void> raise_soon(int signal) {
    co_await sleep_until(Clock::now() + 1ms);
    std::raise(signal);
    co_await sleep_for_ever();
}

boost::asio::awaitable<void> fail() {
    co_await sleep_until(Clock::now());
    throw std::runtime_error("broken");
}

boost::asio::awaitable<bool> two_tasks(Session& session, bool& second) {
    const bool first = co_await session.until_signal(raise_soon(SIGTERM));
    second = co_await session.until_signal(sleep_for_ever());
    co_return first;
}

}  // namespace

TEST_CASE("the first signal cancels the task, and later ones do not begin") {
    const kube::Environment environment;
    Session session(settings_with({}), environment, {});
    bool second = true;
    CHECK_FALSE(session.run(two_tasks(session, second)));
    CHECK_FALSE(second);
    CHECK(session.signal_code() == ExitCode::terminated);
}

TEST_CASE("a task that ends by itself does, and what it throws is thrown") {
    const kube::Environment environment;
    Session session(settings_with({}), environment, {});
    CHECK(session.run(session.until_signal(sleep_until(Clock::now()))));
    CHECK_FALSE(session.signal_code());
    Session other(settings_with({}), environment, {});
    CHECK_THROWS_WITH(other.run(other.until_signal(fail())), "broken");
}

TEST_CASE("a session opens the parts that it is asked for, and tells which cannot be used") {
    const kube::Environment environment;
    const config::Settings settings = settings_with({{"MILO_KUBECONFIG_PATH", "/nowhere/kubeconfig"}});
    Session without(settings, environment, {Part::metrics, Part::results_cluster});
    CHECK(without.open().has_value());
    CHECK(without.results_cluster() == nullptr);
    Session with(settings, environment, {Part::milo, Part::metrics});
    const Result<> opened = with.open();
    REQUIRE(opened.has_error());
    CHECK(opened.error().category == ErrorCategory::input);
    CHECK(opened.error().sentence.find("/nowhere/kubeconfig") != std::string::npos);
    CHECK(with.open(Part::metrics).has_value());
}
