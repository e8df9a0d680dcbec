#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <list>
#include <memory>
#include <thread>

#include "fake_milo/certificates.hpp"
#include "fake_milo/server.hpp"
#include "fake_milo/session.hpp"

namespace milo_perf::fake_milo {
namespace asio = boost::asio;
using asio::ip::tcp;

std::shared_ptr<asio::ssl::context> make_server_context(const KeyPair& pair, X509* ca);

/// A listening socket that can be closed and opened again on the same port.
struct Door {
    explicit Door(asio::io_context& io) : acceptor(io) {}

    void open() {
        const tcp::endpoint at(asio::ip::address_v4::loopback(), port);
        acceptor.open(at.protocol());
        acceptor.set_option(asio::socket_base::reuse_address(true));
        acceptor.bind(at);
        acceptor.listen(4096);
        port = acceptor.local_endpoint().port();
    }

    tcp::acceptor acceptor;
    std::uint16_t port = 0;
};

class Server::Impl {
  public:
    explicit Impl(Options given)
        : options(std::move(given)),
          faults(options.seed),
          vm_faults(options.seed),
          store(options.max_events),
          controller(io.get_executor(), store, options.controller, options.seed),
          api(store, controller, stats),
          site{faults, stats, &api, nullptr, &store, options.tokens, options.anonymous},
          vm_site{vm_faults, vm_stats, nullptr, &vm},
          door(io),
          vm_door(io) {
        site.bookmark_period = options.bookmark_period;
        authority = std::make_unique<Authority>();
        client = authority->client();
        context = make_server_context(authority->server(Certificate::good), authority->certificate());
        door.port = options.port;
        vm_door.port = options.vm_port;
        door.open();
        vm_door.open();
        listen(door, site, options.tls);
        listen(vm_door, vm_site, false);
        thread = std::thread([this] { io.run(); });
    }

    ~Impl() {
        io.stop();
        thread.join();
    }

    /// Runs `action` in the server's thread and gives its result.
    template <class Action>
    auto invoke(Action action) {
        std::packaged_task<decltype(action())()> task(std::move(action));
        auto result = task.get_future();
        asio::post(io, [&task] { task(); });
        return result.get();
    }

    void listen(Door& at, Site& served, bool tls) {
        asio::co_spawn(io, accept(at, served, tls), asio::detached);
    }

    asio::awaitable<void> accept(Door& at, Site& served, bool tls) {
        for (;;) {
            auto [error, socket] = co_await at.acceptor.async_accept(asio::as_tuple(asio::deferred));
            if (error == asio::error::operation_aborted || !at.acceptor.is_open()) co_return;
            // Out of descriptors, say: another time.
            if (error) {
                co_await pause_for(Milliseconds(5));
                continue;
            }
            boost::system::error_code ignored;
            socket.set_option(tcp::no_delay(true), ignored);
            asio::co_spawn(io, connection(std::move(socket), served, tls), asio::detached);
        }
    }

    /// Counts one connection while it lives, and lets it be found.
    struct Guest {
        Guest(Impl& of, Site& at, std::shared_ptr<Wire> is) : impl(of), site(at), wire(std::move(is)) {
            ++site.stats.connections_accepted;
            ++site.stats.connections_open;
            site.stats.peak_connections = std::max(site.stats.peak_connections, site.stats.connections_open);
            if (&site == &impl.site) place = impl.wires.insert(impl.wires.end(), wire);
        }
        Guest(const Guest&) = delete;
        Guest& operator=(const Guest&) = delete;
        ~Guest() {
            --site.stats.connections_open;
            if (&site == &impl.site) impl.wires.erase(place);
        }
        Impl& impl;
        Site& site;
        std::shared_ptr<Wire> wire;
        std::list<std::shared_ptr<Wire>>::iterator place;
    };

    asio::awaitable<void> connection(tcp::socket socket, Site& served, bool tls) {
        const Guest guest(*this, served, std::make_shared<Wire>(std::move(socket)));
        Wire& wire = *guest.wire;
        const auto fault = served.faults.on_connection();
        if (fault) {
            co_await spoil(wire, *fault);
            co_return;
        }
        co_await while_paused(served);
        if (tls) {
            const bool good = co_await wire.handshake(context);
            if (!good) {
                ++served.stats.handshakes_failed;
                co_return;
            }
            ++served.stats.handshakes;
            if (wire.resumed()) ++served.stats.sessions_resumed;
        }
        co_await serve(guest.wire, served);
    }

    static asio::awaitable<void> spoil(Wire& wire, ConnectionFault::Kind kind) {
        switch (kind) {
            case ConnectionFault::Kind::reset:
                wire.reset();
                break;
            case ConnectionFault::Kind::close:
                wire.close_now();
                break;
            case ConnectionFault::Kind::stall:
                co_await wire.drain();
                break;
            case ConnectionFault::Kind::garbage:
                co_await wire.write_raw("220 mail.example ESMTP ready\r\n");
                co_await wire.drain();
                break;
        }
    }

    void renew(Certificate certificate, bool new_ca) {
        if (new_ca) {
            authority = std::make_unique<Authority>();
            client = authority->client();
        }
        context = make_server_context(authority->server(certificate), authority->certificate());
    }

    Place place(std::string_view path) const { return api.place_of(parse_target(path)); }

    // What coroutines look at while they are destroyed with `io` stands before it.
    Options options;
    FaultPlan faults;
    FaultPlan vm_faults;
    Stats stats;
    Stats vm_stats;
    VmData vm;
    Store store;
    std::list<std::shared_ptr<Wire>> wires;
    asio::io_context io{1};
    Controller controller;
    Api api;
    Site site;
    Site vm_site;
    std::unique_ptr<Authority> authority;
    KeyPair client;
    std::shared_ptr<asio::ssl::context> context;
    Door door;
    Door vm_door;
    std::thread thread;
};

}  // namespace milo_perf::fake_milo
