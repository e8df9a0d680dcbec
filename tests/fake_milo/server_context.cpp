#include <openssl/ssl.h>

#include "fake_milo/server_impl.hpp"

namespace milo_perf::fake_milo {

std::shared_ptr<asio::ssl::context> make_server_context(const KeyPair& pair, X509* ca) {
    auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
    context->use_certificate_chain(asio::buffer(pair.certificate_pem));
    context->use_private_key(asio::buffer(pair.key_pem), asio::ssl::context::pem);
    SSL_CTX* native = context->native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    // Keeps 10,000 idle connections small.
    SSL_CTX_set_mode(native, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_id_context(native, reinterpret_cast<const unsigned char*>("fake"), 4);
    X509_STORE_add_cert(SSL_CTX_get_cert_store(native), ca);
    // Any client certificate passes the handshake, as with a kube-apiserver; a bad one gives 401.
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, [](int, X509_STORE_CTX*) { return 1; });
    return context;
}

}  // namespace milo_perf::fake_milo
