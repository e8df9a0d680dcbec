#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/endpoint.hpp"

namespace milo_perf::http {

/// With these words begins what is told of a server that TLS does not trust.
inline constexpr std::string_view unverified_server = "the server's certificate does not verify";

/// OpenSSL's pem_password_cb that has none: without one it would ask on the terminal, and wait.
inline int no_password(char* /*buffer*/, int /*size*/, int /*rwflag*/, void* /*user*/) {
    return -1;
}

struct SslDeleter {
    void operator()(SSL* ssl) const {
        // A connection that is freed without a goodbye in both directions would take its session along:
        // OpenSSL marks it as not resumable.
        SSL_set_shutdown(ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(ssl);
    }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL_SESSION* session) const { SSL_SESSION_free(session); }
};
using SslPtr = std::unique_ptr<SSL, SslDeleter>;
using SslContextPtr = std::unique_ptr<SSL_CTX, SslDeleter>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, SslDeleter>;

using X509Ptr = std::unique_ptr<X509, SslDeleter>;

/// The certificates in a PEM text that is to be trusted; blocks of another kind and blocks that cannot be
/// read are passed over.
std::vector<X509Ptr> trust_anchors(std::string_view pem);

/// What all TLS connections to one server share: trust, client certificate, and the latest session, so that
/// later handshakes are resumed. TLS 1.2 at least; ALPN offers http/1.1 only.
class TlsContext {
  public:
    /// Throws UserError when a PEM text cannot be used.
    TlsContext(const TlsOptions& options, const std::string& host);
    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    /// A client-side SSL with SNI, verification and, where there is one, the session to resume.
    SslPtr make_ssl();

  private:
    static int keep_session(SSL* ssl, SSL_SESSION* session);
    /// Verifies chain and name; the callback of SSL_CTX_set_cert_verify_callback.
    static int verify(X509_STORE_CTX* chain, void* context);

    SslContextPtr context_;
    SslSessionPtr session_;
    std::string name_;
    bool verify_;
};

/// What OpenSSL's error queue says, newest first, in one short text; empties the queue.
std::string take_openssl_error();

}  // namespace milo_perf::http
