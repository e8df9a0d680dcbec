#include "load/driver.hpp"

namespace milo_perf::load {

boost::asio::awaitable<bool> Ends::wait() {
    if (in_flight_ == 0) co_return false;
    ++waiting_;
    struct Waiting {
        explicit Waiting(std::uint64_t& of) : count(of) {}
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;
        ~Waiting() { --count; }
        std::uint64_t& count;
    } waiting(waiting_);
    co_await changed_.wait();
    co_return true;
}

}  // namespace milo_perf::load
