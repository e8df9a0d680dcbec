#include "load/token_bucket.hpp"

#include <algorithm>
#include <cmath>

namespace milo_perf::load {

TokenBucket::TokenBucket(double rate, double burst) : rate_(rate), burst_(std::max(burst, 1.0)) {}

TimePoint TokenBucket::after_anchor(double tokens) const {
    return anchor_ + Duration(std::llround(tokens / rate_ * 1e9));
}

TimePoint TokenBucket::next_at(TimePoint now) const {
    if (!used_) return now;
    return std::max(now, after_anchor(static_cast<double>(taken_) - (burst_ - 1)));
}

TimePoint TokenBucket::reserve(TimePoint now) {
    const TimePoint at = next_at(now);
    if (!used_ || after_anchor(static_cast<double>(taken_)) <= now) {
        // The bucket is full again: count from here.
        anchor_ = now;
        taken_ = 0;
        used_ = true;
    }
    ++taken_;
    last_ = at;
    return at;
}

void TokenBucket::set_rate(TimePoint now, double rate) {
    if (used_) {
        // What is missing from the full bucket once the last reserved token is used stays missing and comes
        // back at the new rate. Counting from there, nobody overtakes those who already wait.
        const TimePoint base = std::max(now, last_);
        const double missing =
            std::max(0.0, static_cast<double>(taken_) - to_seconds(base - anchor_) * rate_);
        const double whole = std::ceil(missing);
        taken_ = static_cast<std::uint64_t>(whole);
        anchor_ = base - Duration(std::llround((whole - missing) / rate * 1e9));
    }
    rate_ = rate;
}

}  // namespace milo_perf::load
