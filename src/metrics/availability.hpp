#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace milo_perf::metrics {

/// Whether a server is there, told as changes: one message when it goes away, one when it is back.
class Availability {
  public:
    /// The server answered something. A message when it had been away.
    std::optional<std::string> answered(double now_seconds);
    /// The server answered nothing. A message when it had been there, or was never seen.
    std::optional<std::string> silent(double now_seconds, std::string_view reason);

  private:
    bool away_ = false;
    double away_since_ = 0;
};

}  // namespace milo_perf::metrics
