#pragma once

#include <cstdint>
#include <optional>
#include <random>

#include "base/clock.hpp"
#include "load/rate_profile.hpp"

namespace milo_perf::load {

/// `uniform`: evenly spaced by the rate. `poisson`: independent arrivals (exponential gaps), as many users
/// make.
enum class Arrival { uniform, poisson };

/// The planned starts of an open-loop phase, fixed beforehand by profile, kind and seed: whatever the server
/// does, the k-th start stays where it is. Constant memory.
class ArrivalSchedule {
  public:
    /// `count` arrivals from `start` on. The same seed gives the same Poisson times. The first `burst`
    /// arrivals are due at once, as from a token bucket of that size that is full at the start and refills
    /// with the rate.
    ArrivalSchedule(RateProfile profile, Arrival kind, std::uint64_t seed, TimePoint start,
                    std::uint64_t count, std::uint64_t burst = 0);

    /// The planned start of the next arrival, without moving on; empty when there are no more.
    std::optional<TimePoint> peek() const { return next_; }
    /// Moves on to the next arrival.
    void pop();

    /// Arrivals still to come by count (a profile that ends at rate 0 may not give them all).
    std::uint64_t remaining() const { return count_ - taken_; }

    /// When the last arrival is expected by the profile, or where its stages end if they do not give that
    /// many.
    TimePoint expected_end() const;

  private:
    void plan_next();
    double exponential();

    RateProfile profile_;
    Arrival kind_;
    std::mt19937_64 random_;
    TimePoint start_;
    std::uint64_t count_;
    std::uint64_t burst_;
    std::uint64_t taken_ = 0;
    /// The next arrival's place on the integral of the rate.
    double position_ = 0;
    std::optional<TimePoint> next_;
};

}  // namespace milo_perf::load
