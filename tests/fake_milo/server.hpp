#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fake_milo/faults.hpp"
#include "fake_milo/stats.hpp"
#include "fake_milo/vm.hpp"

namespace milo_perf::fake_milo {

/// The certificate that the server shows to new connections.
enum class Certificate { good, expired, other_host };

/// How the built-in project controller behaves.
struct ControllerOptions {
    /// False leaves Projects as they are created (Ready Unknown), without finalizer.
    bool enabled = true;
    /// From the create of a Project to its Ready.
    Latency ready_delay = Latency::fixed(Milliseconds(10));
    /// Share of Projects that never get Ready, 0 to 1.
    double never_ready_share = 0;
    /// From a Project's DELETE to its end.
    Milliseconds purge_delay{20};
};

struct Options {
    /// 0: any free one.
    std::uint16_t port = 0;
    std::uint16_t vm_port = 0;
    bool tls = true;
    /// Tokens that are let in.
    std::vector<std::string> tokens{"fake-token"};
    /// Let in whoever has neither token nor certificate.
    bool anonymous = false;
    ControllerOptions controller{};
    Milliseconds bookmark_period{1000};
    /// Events remembered per collection; a watch from before them gets 410.
    std::size_t max_events = 100000;
    std::uint32_t seed = 1;
};

/// Milo's API and a VictoriaMetrics as far as a client can tell them from the real ones, on loopback, in a
/// thread of its own, with faults to switch on. Every member is thread-safe. Throws std::runtime_error when
/// it cannot start.
class Server {
  public:
    explicit Server(Options options = {});
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;
    std::uint16_t vm_port() const;
    /// `https://127.0.0.1:{port}`
    std::string url() const;
    std::string vm_url() const;
    /// A kubeconfig with token and CA inline; it verifies.
    std::string kubeconfig_text() const;
    /// The same with a client certificate instead of the token.
    std::string kubeconfig_with_certificate() const;
    std::string ca_pem() const;
    std::string client_certificate_pem() const;
    std::string client_key_pem() const;
    /// Another client certificate with its key, valid for `lifetime` from now.
    std::pair<std::string, std::string> issue_client_certificate(std::chrono::seconds lifetime) const;

    /// Rules apply to requests that arrive later; each gives its number for `fired`.
    std::size_t add_fault(Fault fault);
    std::size_t add_fault(ConnectionFault fault);
    std::size_t add_vm_fault(Fault fault);
    void clear_faults();
    std::uint64_t fired(std::size_t rule) const;
    std::uint64_t vm_fired(std::size_t rule) const;
    /// For rules with a phase.
    void set_phase(std::string phase);

    void set_tokens(std::vector<std::string> tokens);
    void set_certificate(Certificate certificate);
    /// A new server certificate of the same CA (or of a `new_ca`, which ca_pem gives from then on).
    void rotate_certificate(bool new_ca = false);
    /// Whoever asks may not do this; verb "*" is all of them.
    void deny_access(std::string verb, std::string resource);

    /// A connection serves so many requests, then closes; announced with "Connection: close" or, as some
    /// front doors do, without a word. 0: no end.
    void set_requests_per_connection(std::uint64_t count, bool announced);
    /// Refuses connections from now on, and takes them again on the same port.
    void stop_listening();
    void start_listening();
    /// RST (or an orderly close) to every open connection.
    void drop_connections(bool reset = true);
    /// Holds every request and watch where it stands, as a stopped process does, until `resume`.
    void pause();
    void resume();

    /// Forgets all events so far: watches from before get 410.
    void compact();
    /// A new event, but for `name` in the root scope: someone else's delete, put or touch.
    bool delete_object(std::string_view path);
    bool put_object(std::string_view path, std::string json);
    /// The object's JSON at this REST path, scopes included; empty when there is none.
    std::string object(std::string_view path) const;
    /// Makes a Project Ready (or sets another reason with status False) at once.
    bool set_project_condition(std::string_view name, bool ready, std::string reason);

    VmData& vm();
    Stats stats() const;
    void reset_stats();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace milo_perf::fake_milo
