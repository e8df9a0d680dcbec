#include "load/arrival_schedule.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace milo_perf::load {

ArrivalSchedule::ArrivalSchedule(RateProfile profile, Arrival kind, std::uint64_t seed, TimePoint start,
                                 std::uint64_t count, std::uint64_t burst)
    : profile_(std::move(profile)), kind_(kind), random_(seed), start_(start), count_(count), burst_(burst) {
    if (kind_ == Arrival::poisson && burst_ == 0) position_ = exponential();
    plan_next();
}

void ArrivalSchedule::pop() {
    if (!next_) return;
    ++taken_;
    // On the integral of the rate arrivals are one apart (uniform) or exponential with mean one (a Poisson
    // process with a rate over time is one of rate 1 on that scale); the profile maps them back to time. A
    // uniform position is the arrival's number itself, so no error adds up.
    if (taken_ >= burst_) {
        const std::uint64_t at_once = burst_ == 0 ? 0 : burst_ - 1;
        position_ =
            kind_ == Arrival::uniform ? static_cast<double>(taken_ - at_once) : position_ + exponential();
    }
    plan_next();
}

void ArrivalSchedule::plan_next() {
    next_.reset();
    if (taken_ >= count_) return;
    if (const auto offset = profile_.time_of(position_)) next_ = start_ + *offset;
}

TimePoint ArrivalSchedule::expected_end() const {
    return start_ + profile_.time_of(static_cast<double>(count_ - std::min(count_, burst_)))
                        .value_or(profile_.stages_end());
}

double ArrivalSchedule::exponential() {
    // By hand, since the standard leaves the algorithm of its exponential_distribution open. 53 bits, never
    // 0.
    const double uniform = (static_cast<double>(random_() >> 11) + 0.5) * 0x1p-53;
    return -std::log(uniform);
}

}  // namespace milo_perf::load
