#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace milo_perf::load {

/// A rate over time: stages that hold a rate or change it linearly. After the last stage its final rate holds
/// for ever, and if that is 0 no more arrivals come.
///
/// Text form (`RAMP`), stages separated by commas, durations as in `30s`, `1m30s`, `500ms`, `2h`, rates in
/// operations per second:
///   `DURATION:RATE`   linear, from the rate before it to RATE (as k6's stages); the first one starts at 0
///   `DURATION@RATE`   a step: RATE for the whole duration
/// For example `30s:500,1m:500,30s:0` climbs to 500/s, holds it and descends; `30s@100,30s@200` are two
/// steps.
class RateProfile {
  public:
    struct Stage {
        double duration_seconds = 0;
        double from = 0;
        double to = 0;
    };

    /// The same rate (> 0) for ever.
    static RateProfile constant(double rate);

    /// Reads the text form. Throws UserError naming `RAMP` for anything it does not understand, for a stage
    /// of no duration, and when no stage has a rate above 0.
    static RateProfile parse(std::string_view ramp);

    /// The rate `offset` after the start.
    double rate_at(Duration offset) const;

    /// Expected arrivals until `offset`: the integral of the rate.
    double arrivals_until(Duration offset) const;

    /// The inverse: when the integral reaches `arrivals`; empty when it never does.
    std::optional<Duration> time_of(double arrivals) const;

    /// Where the last stage ends; 0 without stages.
    Duration stages_end() const;

    const std::vector<Stage>& stages() const { return stages_; }

  private:
    std::vector<Stage> stages_;
    double final_rate_ = 0;
};

}  // namespace milo_perf::load
