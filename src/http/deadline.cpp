#include "http/deadline.hpp"

namespace milo_perf::http {

struct DeadlineQueue::State {
    explicit State(const boost::asio::any_io_executor& executor) : timer(executor) {}

    boost::asio::steady_timer timer;
    boost::intrusive::list<Deadline, boost::intrusive::constant_time_size<false>> deadlines;
    bool armed = false;

    void sweep(TimePoint now) {
        for (auto it = deadlines.begin(); it != deadlines.end();) {
            Deadline& deadline = *it++;
            if (deadline.at > now) continue;
            deadline.unlink();
            deadline.expired = true;
            if (deadline.on_expire) deadline.on_expire();
        }
    }
};

DeadlineQueue::DeadlineQueue(boost::asio::any_io_executor executor)
    : state_(std::make_shared<State>(executor)) {}

DeadlineQueue::~DeadlineQueue() {
    state_->timer.cancel();
    state_->deadlines.clear();
}

void DeadlineQueue::arm(const std::shared_ptr<State>& state) {
    state->armed = true;
    state->timer.expires_after(period);
    state->timer.async_wait([weak = std::weak_ptr<State>(state)](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (!self || error) return;
        self->sweep(Clock::now());
        self->armed = false;
        if (!self->deadlines.empty()) arm(self);
    });
}

void DeadlineQueue::add(Deadline& deadline) {
    state_->deadlines.push_back(deadline);
    if (!state_->armed) arm(state_);
}

}  // namespace milo_perf::http
