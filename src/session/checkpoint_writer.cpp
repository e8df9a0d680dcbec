#include "session/checkpoint_writer.hpp"

#include <fmt/format.h>

#include "base/nursery.hpp"

namespace milo_perf::session {
namespace asio = boost::asio;

void CheckpointWriter::save(DataChange change) {
    if (given_up_) return;
    waiting_.push_back(std::move(change));
    changed_.notify();
}

void CheckpointWriter::give_up(Error problem) {
    given_up_ = true;
    waiting_.clear();
    if (!problem_) problem_ = std::move(problem);
}

asio::awaitable<void> CheckpointWriter::write_next() {
    // What a cancelled write was to change is written again by finish().
    DataChange change = waiting_.front();
    const TimePoint begun = Clock::now();
    struct Spent {
        Duration& total;
        TimePoint since;
        ~Spent() { total += Clock::now() - since; }
    } const spent{spent_, begun};
    const std::optional<Result<>> written =
        co_await finish_before(begun + (budget - spent_), store_.update(std::move(change)));
    if (!written) {
        give_up({ErrorCategory::server,
                 fmt::format("ConfigMap {}/{} could not be written within {:g} s, so what it was to keep of "
                             "the run stands in OUT_DIR alone; check the server of KUBECONFIG.",
                             store_.ns(), ResultsStore::name, to_seconds(budget))});
        co_return;
    }
    if (!*written && !problem_) problem_ = written->error();
    if (!waiting_.empty()) waiting_.pop_front();
}

asio::awaitable<void> CheckpointWriter::run() {
    for (;;) {
        while (!waiting_.empty()) co_await write_next();
        co_await changed_.wait();
    }
}

asio::awaitable<void> CheckpointWriter::finish() {
    while (!waiting_.empty()) co_await write_next();
}

}  // namespace milo_perf::session
