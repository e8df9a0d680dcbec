#pragma once

#include <optional>

#include "base/clock.hpp"

namespace milo_perf::kube {

/// Decides when credentials are fetched again: before they expire, when the server refused them, and after a
/// pause that grows when fetching failed or gave what had been refused already.
class RefreshSchedule {
  public:
    /// How often a file is looked at again: often enough for tokens and certificates of a minute.
    static constexpr Duration file_period = std::chrono::seconds(10);
    /// The longest pause between attempts that bring nothing new.
    static constexpr Duration longest_pause = std::chrono::seconds(30);

    /// Notes credentials that are good for `lifetime` from now (nothing: until they are refused). `changed`
    /// is false when they equal the ones before.
    void fetched(TimePoint now, std::optional<Duration> lifetime, bool changed);
    /// Notes that fetching failed.
    void failed(TimePoint now);
    /// Notes that the server refused the credentials.
    void refused() { refused_ = true; }

    bool due(TimePoint now) const;

  private:
    void pause(TimePoint now);

    bool fetched_ = false;
    bool refused_ = false;
    int fruitless_ = 0;
    std::optional<TimePoint> refresh_at_;
    TimePoint not_before_{};
};

/// How long before their expiry credentials are replaced: a fifth of their lifetime, 30 seconds at most.
Duration refresh_margin(Duration lifetime);

}  // namespace milo_perf::kube
