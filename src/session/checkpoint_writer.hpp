#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <deque>
#include <optional>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/wait.hpp"
#include "session/results_store.hpp"

namespace milo_perf::session {

/// Writes into the results ConfigMap beside a run, which never waits for it: one write after another, and no
/// more once they have taken `budget` in all. For one event loop.
class CheckpointWriter {
  public:
    static constexpr Duration budget = std::chrono::seconds(5);

    CheckpointWriter(boost::asio::any_io_executor executor, ResultsStore& store)
        : store_(store), changed_(std::move(executor)) {}

    /// Has `change` written after those before it; dropped when the time is used up.
    void save(DataChange change);

    /// Writes what is saved, until cancelled.
    boost::asio::awaitable<void> run();

    /// Writes what is left, in what is left of the time.
    boost::asio::awaitable<void> finish();

    /// No write is tried any more: the cluster did not answer in time.
    void give_up(Error problem);
    bool given_up() const { return given_up_; }
    /// What could not be written first; empty when nothing was lost.
    const std::optional<Error>& problem() const { return problem_; }

  private:
    boost::asio::awaitable<void> write_next();

    ResultsStore& store_;
    std::deque<DataChange> waiting_;
    Notification changed_;
    Duration spent_{};
    bool given_up_ = false;
    std::optional<Error> problem_;
};

}  // namespace milo_perf::session
