#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.hpp"

namespace milo_perf::report {

/// What the run is doing now, as its owner tells the display.
struct ProgressNumbers {
    /// Name of the phase, e.g. "projects"; empty shows nothing.
    std::string phase;
    std::uint64_t done = 0;
    /// How many there will be; empty when unknown, or for a phase that just waits.
    std::optional<std::uint64_t> total;
    std::uint64_t failed = 0;
    std::uint64_t in_flight = 0;
    TimePoint started{};
    /// For a phase that waits for a moment (stabilize, a snapshot's window): that moment.
    std::optional<TimePoint> ends_at;
};

/// The numbers with what follows from their recent past.
struct ProgressState {
    ProgressNumbers numbers;
    /// Over the last ten seconds, or since the phase began; empty while nothing was done.
    std::optional<double> rate_per_second;
};

/// Turns successive numbers into a rate. A new phase starts afresh.
class ProgressTracker {
  public:
    ProgressState observe(const ProgressNumbers& numbers, TimePoint now);

  private:
    struct Point {
        TimePoint at;
        std::uint64_t done;
    };
    std::string phase_;
    std::deque<Point> points_;
};

/// One line: phase, done of total with a share, rate, failed, in flight, elapsed and left. At most `width`
/// columns; parts that do not fit are left out from the right.
std::string line(const ProgressState& state, TimePoint now, std::size_t width = 200);

/// Shows the progress of a run on standard error: one line that is drawn again on a terminal, a log line every five
/// seconds elsewhere.
class Progress {
  public:
    using Source = std::function<ProgressNumbers()>;

    /// `source` is asked for the numbers and must outlive run(). Colours nothing.
    explicit Progress(Source source);
    /// The same with the choice made by the caller (tests).
    Progress(Source source, int fd, bool terminal);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Shows until it is cancelled; its line is gone then.
    boost::asio::awaitable<void> run();

  private:
    void show(TimePoint now);
    void erase();

    Source source_;
    int fd_;
    bool terminal_;
    bool drawn_ = false;
    std::string last_phase_;
    std::optional<TimePoint> last_logged_;
    ProgressTracker tracker_;
};

}  // namespace milo_perf::report
