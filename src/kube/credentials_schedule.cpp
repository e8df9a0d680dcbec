#include "kube/credentials_schedule.hpp"

#include <algorithm>

namespace milo_perf::kube {

Duration refresh_margin(Duration lifetime) {
    return std::min<Duration>(std::chrono::seconds(30), std::max(lifetime, Duration::zero()) / 5);
}

void RefreshSchedule::fetched(TimePoint now, std::optional<Duration> lifetime, bool changed) {
    const bool expired = lifetime && *lifetime <= Duration::zero();
    if (expired || (refused_ && !changed)) {
        pause(now);
    } else {
        fruitless_ = 0;
        not_before_ = TimePoint{};
    }
    fetched_ = true;
    refused_ = false;
    refresh_at_.reset();
    if (lifetime) refresh_at_ = now + *lifetime - refresh_margin(*lifetime);
}

void RefreshSchedule::failed(TimePoint now) {
    pause(now);
}

bool RefreshSchedule::due(TimePoint now) const {
    if (fruitless_ > 0 && now < not_before_) return false;
    return !fetched_ || refused_ || (refresh_at_ && now >= *refresh_at_);
}

void RefreshSchedule::pause(TimePoint now) {
    constexpr int doublings = 5;
    const int exponent = std::min(fruitless_++, doublings);
    not_before_ = now + std::min<Duration>(std::chrono::seconds(1) * (1 << exponent), longest_pause);
}

}  // namespace milo_perf::kube
