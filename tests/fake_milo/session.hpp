#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "fake_milo/api.hpp"
#include "fake_milo/faults.hpp"
#include "fake_milo/server.hpp"
#include "fake_milo/stats.hpp"
#include "fake_milo/vm.hpp"
#include "fake_milo/wire.hpp"

namespace milo_perf::fake_milo {

/// What connections need of their server; lives in the server's thread.
struct Site {
    FaultPlan& faults;
    Stats& stats;
    /// Null for the metrics server, which has `vm` instead.
    Api* api = nullptr;
    VmData* vm = nullptr;
    Store* store = nullptr;
    std::vector<std::string> tokens{};
    bool anonymous = false;
    std::uint64_t requests_per_connection = 0;
    bool announce_close = true;
    bool paused = false;
    Milliseconds bookmark_period{1000};
};

/// Waits while the server is paused.
boost::asio::awaitable<void> while_paused(const Site& site);

/// Serves one connection, whose handshake is done, to its end.
boost::asio::awaitable<void> serve(std::shared_ptr<Wire> wire, Site& site);

/// Serves one watch; false when the connection cannot be used any more.
boost::asio::awaitable<bool> serve_watch(Wire& wire, Site& site, const Target& target, WatchFault fault);

/// Executes a request of the metrics API.
Response handle_vm(VmData& vm, std::string_view method, std::string_view target, std::string_view body);

/// Writes an answer as `fault` wants it; false when the connection cannot be used any more.
boost::asio::awaitable<bool> answer(Wire& wire, Response response, const Fault& fault, bool close);

}  // namespace milo_perf::fake_milo
