#include "http/name_lookup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace milo_perf::http {
namespace asio = boost::asio;

/// What the thread shares with the event loop's.
struct NameLookup::Thread {
    static void run(const std::shared_ptr<Thread>& self, const std::string& host, std::uint16_t port) {
        asio::io_context none;
        asio::ip::tcp::resolver resolver(none);
        boost::system::error_code error;
        const auto found = resolver.resolve(host, std::to_string(port), error);
        Addresses addresses;
        for (const auto& entry : found) addresses.push_back(entry.endpoint());
        const std::scoped_lock lock(self->mutex);
        // As long as the look-up is wanted, there is an event loop.
        if (self->lookup == nullptr) return;
        asio::post(self->executor, [self, error, addresses = std::move(addresses)]() mutable {
            if (self->lookup != nullptr) self->lookup->take(error, std::move(addresses));
        });
    }

    /// Only the event loop's thread writes it, and holds the mutex then.
    NameLookup* lookup;
    asio::any_io_executor executor;
    std::mutex mutex = {};
};

NameLookup::NameLookup(const asio::any_io_executor& executor, const std::string& host, std::uint16_t port)
    : thread_(new Thread{this, executor}), changed_(executor, asio::steady_timer::time_point::max()) {
    try {
        std::thread([thread = thread_, host, port] { Thread::run(thread, host, port); }).detach();
    } catch (const std::system_error& problem) {
        take(problem.code(), {});
    }
}

NameLookup::~NameLookup() {
    const std::scoped_lock lock(thread_->mutex);
    thread_->lookup = nullptr;
}

void NameLookup::take(const boost::system::error_code& error, Addresses addresses) {
    done_ = true;
    error_ = error;
    addresses_ = std::move(addresses);
    wake();
}

asio::awaitable<void> NameLookup::wait() {
    if (!done_) co_await changed_.async_wait(asio::as_tuple(asio::deferred));
}

}  // namespace milo_perf::http
