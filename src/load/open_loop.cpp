#include "load/open_loop.hpp"

#include <algorithm>
#include <utility>

namespace milo_perf::load {

OpenLoop::OpenLoop(ArrivalSchedule schedule, OpenLoopLimits limits)
    : schedule_(std::move(schedule)), limits_(limits), end_(schedule_.expected_end()) {}

TimePoint OpenLoop::given_up_at(TimePoint planned) const {
    // A Poisson schedule may plan past its expected end; that one gets the grace from its own plan.
    const TimePoint closing = std::max(end_, planned) + limits_.end_grace;
    if (!limits_.drop_after) return closing;
    return std::min(closing, planned + *limits_.drop_after);
}

OpenLoop::Step OpenLoop::next(TimePoint now) {
    const auto planned = schedule_.peek();
    if (!planned) return {Action::done, std::nullopt, false};
    if (now < *planned) return {Action::wait_until, planned, false};

    const TimePoint given_up = given_up_at(*planned);
    const bool at_limit = in_flight_ >= limits_.max_in_flight;
    if (now > given_up || (at_limit && now == given_up)) {
        schedule_.pop();
        ++dropped_;
        return {Action::drop, planned, false};
    }
    if (at_limit) return {Action::wait_for_slot, given_up, false};
    schedule_.pop();
    ++sent_;
    ++in_flight_;
    const bool late = now - *planned > limits_.late_after;
    if (late) ++late_;
    return {Action::send, planned, late};
}

void OpenLoop::finished() {
    if (in_flight_ > 0) --in_flight_;
}

std::uint64_t OpenLoop::never_due() const {
    return schedule_.peek() ? 0 : schedule_.remaining();
}

}  // namespace milo_perf::load
