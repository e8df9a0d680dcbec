#include "http/address_race.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>

namespace milo_perf::http {
namespace asio = boost::asio;
using asio::ip::tcp;

std::vector<tcp::endpoint> interleaved(const std::vector<tcp::endpoint>& addresses) {
    std::vector<tcp::endpoint> first;
    std::vector<tcp::endpoint> second;
    for (const tcp::endpoint& address : addresses) {
        const bool same = address.protocol() == addresses.front().protocol();
        (same ? first : second).push_back(address);
    }
    std::vector<tcp::endpoint> order;
    for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
        if (i < first.size()) order.push_back(first[i]);
        if (i < second.size()) order.push_back(second[i]);
    }
    return order;
}

/// Shared with the handlers of what is under way, which may be called after the race is over.
struct AddressRace::State : std::enable_shared_from_this<State> {
    State(const asio::any_io_executor& used, std::vector<tcp::endpoint> given)
        : executor(used),
          addresses(std::move(given)),
          stagger(executor),
          finished(executor, asio::steady_timer::time_point::max()) {}

    void start_next() {
        if (over) return;
        if (next == addresses.size()) {
            if (open == 0) finish();
            return;
        }
        const tcp::endpoint address = addresses[next++];
        ++open;
        const auto socket = std::make_shared<tcp::socket>(executor);
        sockets.push_back(socket);
        socket->async_connect(
            address, [self = shared_from_this(), socket](const boost::system::error_code& connect_error) {
                self->ended(*socket, connect_error);
            });
        if (next == addresses.size()) return;
        stagger.expires_after(head_start);
        stagger.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
            if (!cancelled) self->start_next();
        });
    }

    void ended(tcp::socket& socket, const boost::system::error_code& connect_error) {
        if (over) return;
        --open;
        if (connect_error) {
            // The first one is told, as Go does: addresses that cannot be reached at all stand last.
            if (error == asio::error::host_not_found) error = connect_error;
            start_next();
        } else {
            error = {};
            winner = std::move(socket);
            finish();
        }
    }

    void finish() {
        over = true;
        stagger.cancel();
        for (const auto& socket : sockets) {
            boost::system::error_code ignored;
            socket->close(ignored);
        }
        finished.cancel();
    }

    asio::any_io_executor executor;
    std::vector<tcp::endpoint> addresses;
    std::size_t next = 0;
    /// Connects under way.
    std::size_t open = 0;
    bool over = false;
    std::vector<std::shared_ptr<tcp::socket>> sockets;
    asio::steady_timer stagger;
    /// Never expires.
    asio::steady_timer finished;
    boost::system::error_code error = asio::error::host_not_found;
    std::optional<tcp::socket> winner;
};

AddressRace::AddressRace(const asio::any_io_executor& executor, std::vector<tcp::endpoint> addresses)
    : state_(std::make_shared<State>(executor, std::move(addresses))) {}

AddressRace::~AddressRace() {
    if (!state_->over) state_->finish();
}

asio::awaitable<boost::system::error_code> AddressRace::run(tcp::socket& socket) {
    const std::shared_ptr<State> state = state_;
    state->start_next();
    if (!state->over) co_await state->finished.async_wait(asio::as_tuple(asio::deferred));
    // Not over: the coroutine was cancelled.
    if (!state->over) cancel();
    if (state->winner) socket = std::move(*state->winner);
    co_return state->error;
}

void AddressRace::cancel() {
    if (state_->over) return;
    state_->error = asio::error::operation_aborted;
    state_->finish();
}

}  // namespace milo_perf::http
