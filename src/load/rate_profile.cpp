#include "load/rate_profile.hpp"

#include <algorithm>
#include <cmath>

namespace milo_perf::load {

namespace {

double arrivals_of(const RateProfile::Stage& stage) {
    return (stage.from + stage.to) / 2 * stage.duration_seconds;
}

/// Arrivals in the first `seconds` of a stage.
double arrivals_within(const RateProfile::Stage& stage, double seconds) {
    const double slope = (stage.to - stage.from) / stage.duration_seconds;
    return stage.from * seconds + slope / 2 * seconds * seconds;
}

/// When within a stage its integral reaches `arrivals` (at most arrivals_of).
double seconds_of(const RateProfile::Stage& stage, double arrivals) {
    if (arrivals <= 0) return 0;
    // slope/2 t² + from t = arrivals, solved in the form that keeps its digits when the slope is near 0.
    const double slope = (stage.to - stage.from) / stage.duration_seconds;
    const double root = std::sqrt(std::max(0.0, stage.from * stage.from + 2 * slope * arrivals));
    return std::min(2 * arrivals / (stage.from + root), stage.duration_seconds);
}

/// To the nearest nanosecond, so that 1/500 s is 2,000,000 ns whatever the double says.
Duration rounded(double seconds) {
    return Duration(std::llround(seconds * 1e9));
}

}  // namespace

RateProfile RateProfile::constant(double rate) {
    RateProfile profile;
    profile.final_rate_ = rate;
    return profile;
}

double RateProfile::rate_at(Duration offset) const {
    double seconds = std::max(0.0, to_seconds(offset));
    for (const Stage& stage : stages_) {
        if (seconds < stage.duration_seconds) {
            return stage.from + (stage.to - stage.from) * seconds / stage.duration_seconds;
        }
        seconds -= stage.duration_seconds;
    }
    return final_rate_;
}

double RateProfile::arrivals_until(Duration offset) const {
    double seconds = std::max(0.0, to_seconds(offset));
    double arrivals = 0;
    for (const Stage& stage : stages_) {
        if (seconds < stage.duration_seconds) return arrivals + arrivals_within(stage, seconds);
        arrivals += arrivals_of(stage);
        seconds -= stage.duration_seconds;
    }
    return arrivals + final_rate_ * seconds;
}

std::optional<Duration> RateProfile::time_of(double arrivals) const {
    double begin = 0;
    double rest = arrivals;
    for (const Stage& stage : stages_) {
        const double here = arrivals_of(stage);
        // A stage at rate 0 gives nothing, so what is due at its begin is due before it.
        if (rest < here) return rounded(begin + seconds_of(stage, rest));
        rest -= here;
        begin += stage.duration_seconds;
    }
    if (final_rate_ <= 0) return std::nullopt;
    return rounded(begin + rest / final_rate_);
}

Duration RateProfile::stages_end() const {
    double seconds = 0;
    for (const Stage& stage : stages_) seconds += stage.duration_seconds;
    return rounded(seconds);
}

}  // namespace milo_perf::load
