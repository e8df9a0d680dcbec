#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "kube/credentials_schedule.hpp"

namespace milo_perf::kube {

/// A client certificate and its key as PEM texts; both empty for none. The key is a secret.
struct ClientCertificate {
    std::string certificate_pem;
    std::string key_pem;

    bool empty() const { return certificate_pem.empty(); }
    bool operator==(const ClientCertificate&) const = default;
};

/// What one fetch of credentials gave.
struct FetchedCredentials {
    /// Value of Authorization; empty for none. A secret.
    std::string authorization;
    ClientCertificate client_certificate;
    /// Time left until they expire or are to be looked at again; nothing: good until refused.
    std::optional<Duration> lifetime;
    /// One sentence on why there are none; empty on success. Holds no secrets.
    std::string problem;
};

/// How a client proves who it is. Use, for each request:
///
///     if (credentials.refresh_due(now)) problem = co_await credentials.refresh();
///     request.authorization = credentials.authorization();
///     … 401: credentials.invalidate(request.authorization, generation), then as above and once more.
///
/// When client_certificate_generation() has changed, the HTTP client needs the new certificate
/// (http::Client::set_tls). For one thread.
class Credentials {
  public:
    Credentials();
    virtual ~Credentials();
    Credentials(const Credentials&) = delete;
    Credentials& operator=(const Credentials&) = delete;

    /// Value of the Authorization header, "Bearer …" or "Basic …"; empty for none. A secret.
    const std::string& authorization() const { return *authorization_; }
    /// The same, to be kept while a request is out.
    std::shared_ptr<const std::string> shared_authorization() const { return authorization_; }

    const ClientCertificate& client_certificate() const { return client_certificate_; }
    /// Counts the changes of client_certificate().
    std::uint64_t client_certificate_generation() const { return client_certificate_generation_; }

    /// True when refresh() should run before the next request.
    bool refresh_due(TimePoint now) const { return schedule_.due(now); }

    /// Reads files or runs the plugin again. Gives one sentence when that failed (what was there before
    /// stays), an empty text otherwise. Those who call while one is under way wait for it.
    boost::asio::awaitable<std::string> refresh();

    /// To be called when the server refused `used_authorization` (401) or the client certificate of that
    /// generation; does nothing when they are no longer the current ones: many requests may be refused at
    /// once.
    void invalidate(std::string_view used_authorization, std::uint64_t used_certificate_generation);

  protected:
    virtual boost::asio::awaitable<FetchedCredentials> fetch() = 0;

    /// Takes over what was fetched; gives its problem.
    std::string accept(FetchedCredentials fetched, TimePoint now);

  private:
    struct Flight;

    std::shared_ptr<const std::string> authorization_ = std::make_shared<const std::string>();
    ClientCertificate client_certificate_;
    std::uint64_t client_certificate_generation_ = 0;
    RefreshSchedule schedule_;
    std::shared_ptr<Flight> flight_;
};

/// Credentials that never change.
std::shared_ptr<Credentials> make_static_credentials(std::string authorization,
                                                     ClientCertificate certificate);

/// True when `text` can stand in an HTTP header: printable ASCII.
bool is_header_text(std::string_view text);

/// "Bearer …" of a token; empty for an empty one. Throws UserError naming `origin` when the token holds
/// characters that no header may hold.
std::string bearer_authorization(std::string_view token, std::string_view origin);

/// "Basic …" (RFC 7617).
std::string basic_authorization(std::string_view user, std::string_view password);

}  // namespace milo_perf::kube
