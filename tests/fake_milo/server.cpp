#include "fake_milo/server.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <boost/json/parse.hpp>

#include "fake_milo/server_impl.hpp"

namespace milo_perf::fake_milo {
namespace {

std::string base64(std::string_view text) {
    std::string encoded(4 * ((text.size() + 2) / 3) + 1, '\0');
    const int size =
        EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                        reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
    encoded.resize(static_cast<std::size_t>(size));
    return encoded;
}

std::string kubeconfig(const Server& server, std::string_view user) {
    const std::string ca = server.ca_pem().empty()
                               ? ""
                               : fmt::format(", certificate-authority-data: {}", base64(server.ca_pem()));
    return fmt::format(
        "apiVersion: v1\nkind: Config\ncurrent-context: fake\n"
        "clusters: [{{name: fake, cluster: {{server: \"{}\"{}}}}}]\n"
        "users: [{{name: fake, user: {{{}}}}}]\n"
        "contexts: [{{name: fake, context: {{cluster: fake, user: fake}}}}]\n",
        server.url(), ca, user);
}

}  // namespace

Server::Server(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Server::~Server() = default;

std::uint16_t Server::port() const {
    return impl_->door.port;
}
std::uint16_t Server::vm_port() const {
    return impl_->vm_door.port;
}
std::string Server::url() const {
    return fmt::format("{}://127.0.0.1:{}", impl_->options.tls ? "https" : "http", port());
}
std::string Server::vm_url() const {
    return fmt::format("http://127.0.0.1:{}", vm_port());
}
std::string Server::kubeconfig_text() const {
    const std::string token = impl_->invoke(
        [this] { return impl_->site.tokens.empty() ? std::string("none") : impl_->site.tokens.front(); });
    return kubeconfig(*this, fmt::format("token: \"{}\"", token));
}
std::string Server::kubeconfig_with_certificate() const {
    return kubeconfig(*this, fmt::format("client-certificate-data: {}, client-key-data: {}",
                                         base64(client_certificate_pem()), base64(client_key_pem())));
}
std::string Server::ca_pem() const {
    if (!impl_->options.tls) return {};
    return impl_->invoke([this] { return impl_->authority->ca_pem(); });
}
std::string Server::client_certificate_pem() const {
    return impl_->invoke([this] { return impl_->client.certificate_pem; });
}
std::string Server::client_key_pem() const {
    return impl_->invoke([this] { return impl_->client.key_pem; });
}

std::pair<std::string, std::string> Server::issue_client_certificate(std::chrono::seconds lifetime) const {
    return impl_->invoke([this, lifetime] {
        KeyPair issued = impl_->authority->client(static_cast<long>(lifetime.count()));
        return std::pair(std::move(issued.certificate_pem), std::move(issued.key_pem));
    });
}

std::size_t Server::add_fault(Fault fault) {
    return impl_->faults.add(std::move(fault));
}
std::size_t Server::add_fault(ConnectionFault fault) {
    return impl_->faults.add(fault);
}
std::size_t Server::add_vm_fault(Fault fault) {
    return impl_->vm_faults.add(std::move(fault));
}
void Server::clear_faults() {
    impl_->faults.clear();
    impl_->vm_faults.clear();
}
std::uint64_t Server::fired(std::size_t rule) const {
    return impl_->faults.fired(rule);
}
std::uint64_t Server::vm_fired(std::size_t rule) const {
    return impl_->vm_faults.fired(rule);
}
void Server::set_phase(std::string phase) {
    impl_->faults.set_phase(std::move(phase));
}

void Server::set_tokens(std::vector<std::string> tokens) {
    impl_->invoke([&] { impl_->site.tokens = std::move(tokens); });
}
void Server::set_certificate(Certificate certificate) {
    impl_->invoke([&] { impl_->renew(certificate, false); });
}
void Server::rotate_certificate(bool new_ca) {
    impl_->invoke([&] { impl_->renew(Certificate::good, new_ca); });
}
void Server::deny_access(std::string verb, std::string resource) {
    impl_->invoke([&] { impl_->api.deny_access(std::move(verb), std::move(resource)); });
}

void Server::set_requests_per_connection(std::uint64_t count, bool announced) {
    impl_->invoke([&] {
        impl_->site.requests_per_connection = count;
        impl_->site.announce_close = announced;
    });
}
void Server::stop_listening() {
    impl_->invoke([this] { impl_->door.acceptor.close(); });
}
void Server::start_listening() {
    impl_->invoke([this] {
        if (impl_->door.acceptor.is_open()) return;
        impl_->door.open();
        impl_->listen(impl_->door, impl_->site, impl_->options.tls);
    });
}
void Server::drop_connections(bool reset) {
    impl_->invoke([this, reset] {
        for (const std::shared_ptr<Wire>& wire : impl_->wires) {
            if (reset) {
                wire->reset();
            } else {
                wire->close_now();
            }
        }
    });
}
void Server::pause() {
    impl_->invoke([this] { impl_->site.paused = true; });
}
void Server::resume() {
    impl_->invoke([this] { impl_->site.paused = false; });
}

void Server::compact() {
    impl_->invoke([this] { impl_->store.compact(); });
}
bool Server::delete_object(std::string_view path) {
    return impl_->invoke([&] { return impl_->api.remove(impl_->place(path)); });
}
bool Server::put_object(std::string_view path, std::string json) {
    return impl_->invoke([&] {
        const Place place = impl_->place(path);
        if (place.kind == nullptr || place.name.empty()) return false;
        boost::json::object object = boost::json::parse(json).as_object();
        metadata_of(object)["name"] = place.name;
        if (impl_->store.find(place) != nullptr) {
            impl_->store.update(place, std::move(object));
        } else {
            impl_->store.create(place, std::move(object));
        }
        return true;
    });
}
std::string Server::object(std::string_view path) const {
    return impl_->invoke([&] {
        const Place place = impl_->place(path);
        const Object* found = place.kind == nullptr ? nullptr : impl_->store.find(place);
        return found == nullptr ? std::string() : *found->json;
    });
}
bool Server::set_project_condition(std::string_view name, bool ready, std::string reason) {
    return impl_->invoke([&] { return impl_->controller.set_condition(std::string(name), ready, reason); });
}

VmData& Server::vm() {
    return impl_->vm;
}
Stats Server::stats() const {
    return impl_->invoke([this] {
        Stats stats = impl_->stats;
        stats.objects = impl_->store.counts();
        stats.created_twice = impl_->store.created_twice();
        return stats;
    });
}
void Server::reset_stats() {
    impl_->invoke([this] {
        const Stats before = impl_->stats;
        impl_->stats = Stats{};
        impl_->stats.connections_open = before.connections_open;
        impl_->stats.peak_connections = before.connections_open;
        impl_->stats.watches_open = before.watches_open;
    });
}

}  // namespace milo_perf::fake_milo
