#pragma once

#include <cstdint>

#include "base/clock.hpp"

namespace milo_perf::load {

/// A rate limit with burst (`QPS`, `BURST`), as the generic cell rate algorithm (ITU-T I.371): the same
/// admissions as a bucket that refills with `rate` tokens per second up to `burst`, from two numbers.
///
/// Each reservation gets a time of its own, in the order of asking: callers that sleep until their time are
/// served first come, first served, and none starves. The long-run rate is exact, since times are multiples
/// from one anchor and do not add up rounding errors.
class TokenBucket {
  public:
    /// `rate` per second, > 0; `burst` >= 1 tokens are there at the start.
    TokenBucket(double rate, double burst);

    /// Takes one token and returns when it may be used: `now` or later. A caller that gives up its wait has
    /// still used its token.
    TimePoint reserve(TimePoint now);

    /// When reserve would allow the next one, without taking it.
    TimePoint next_at(TimePoint now) const;

    /// Goes on with another rate from `now`; what is reserved keeps its time, later ones come after it.
    void set_rate(TimePoint now, double rate);

    double rate() const { return rate_; }
    double burst() const { return burst_; }

  private:
    /// The time `tokens` tokens after the anchor.
    TimePoint after_anchor(double tokens) const;

    double rate_;
    double burst_;
    /// The bucket would be full at anchor_ + taken_ / rate_ (the theoretical arrival time).
    TimePoint anchor_;
    std::uint64_t taken_ = 0;
    /// The newest time given out.
    TimePoint last_;
    bool used_ = false;
};

}  // namespace milo_perf::load
