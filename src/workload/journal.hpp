#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "results/model.hpp"

namespace milo_perf::workload {

/// What a reader of the results should know beside the figures. What happens ten thousand times is said once,
/// with its count.
class Journal {
  public:
    explicit Journal(TimePoint origin) : origin_(origin) {}

    /// Something happened at this moment; also logged. At most `max_events` are kept.
    void event(std::string_view source, std::string message);

    /// A request failed for good. The first of each message is logged; all are counted.
    void failure(std::string_view what, std::string_view message);

    void warning(std::string text);
    /// The same, unless it stands there already.
    void warning_once(std::string text);

    const std::vector<results::Event>& events() const { return events_; }
    /// Warnings, then failures with their counts.
    std::vector<std::string> warnings() const;
    /// The most frequent failure, e.g. "secrets: … (12 times)"; empty when there was none.
    std::string main_failure() const;
    std::uint64_t failures() const { return failure_count_; }

  private:
    static constexpr std::size_t max_events = 500;
    static constexpr std::size_t max_messages = 50;

    TimePoint origin_;
    std::vector<results::Event> events_;
    std::vector<std::string> warnings_;
    std::map<std::string, std::uint64_t, std::less<>> failures_;
    std::uint64_t failure_count_ = 0;
};

}  // namespace milo_perf::workload
