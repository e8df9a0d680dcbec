#include "http/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <boost/asio/ip/address.hpp>

#include "base/error.hpp"

namespace milo_perf::http {
namespace {

using BioPtr = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;
using X509Ptr = std::unique_ptr<X509, decltype([](X509* certificate) { X509_free(certificate); })>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

BioPtr memory_bio(const std::string& text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

[[noreturn]] void fail(const char* what) {
    throw UserError(fmt::format("The {} cannot be used ({}): put a PEM text there that openssl can read.",
                                what, take_openssl_error()));
}

void trust(SSL_CTX* context, const std::string& ca_pem) {
    if (ca_pem.empty()) {
        if (SSL_CTX_set_default_verify_paths(context) != 1) fail("system's trust store");
        return;
    }
    const BioPtr bio = memory_bio(ca_pem);
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    int found = 0;
    while (const X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
        if (X509_STORE_add_cert(store, certificate.get()) != 1) fail("certificate authority");
        ++found;
    }
    if (found == 0) fail("certificate authority");
    ERR_clear_error();
}

void identify(SSL_CTX* context, const TlsOptions& options) {
    if (options.client_certificate_pem.empty() && options.client_key_pem.empty()) return;
    const BioPtr chain = memory_bio(options.client_certificate_pem);
    const X509Ptr leaf(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
    if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) fail("client certificate");
    while (X509* extra = PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)) {
        if (SSL_CTX_add_extra_chain_cert(context, extra) != 1) {
            X509_free(extra);
            fail("client certificate's chain");
        }
    }
    ERR_clear_error();
    const BioPtr key_text = memory_bio(options.client_key_pem);
    const KeyPtr key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
    if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1) fail("client key");
    if (SSL_CTX_check_private_key(context) != 1)
        fail("client key, which does not belong to the client certificate,");
}

bool is_address(const std::string& host) {
    boost::system::error_code error;
    boost::asio::ip::make_address(host, error);
    return !error;
}

}  // namespace

std::string take_openssl_error() {
    const unsigned long code = ERR_peek_last_error();
    if (code == 0) return "no details";
    const char* reason = ERR_reason_error_string(code);
    std::string text = reason != nullptr ? reason : fmt::format("error {:x}", code);
    ERR_clear_error();
    return text;
}

TlsContext::TlsContext(const TlsOptions& options, const std::string& host)
    : context_(SSL_CTX_new(TLS_client_method())),
      name_(options.server_name.empty() ? host : options.server_name),
      verify_(options.verify) {
    if (!context_) fail("TLS library");
    SSL_CTX* context = context_.get();
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    // Thousands of idle connections: their record buffers are given back between requests, and a partial
    // write may be continued from another address.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                  SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
    constexpr std::array<unsigned char, 9> alpn{8, 'h', 't', 't', 'p', '/', '1', '.', '1'};
    SSL_CTX_set_alpn_protos(context, alpn.data(), static_cast<unsigned>(alpn.size()));
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, &TlsContext::keep_session);
    SSL_CTX_set_app_data(context, this);
    if (verify_) trust(context, options.ca_pem);
    SSL_CTX_set_verify(context, verify_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    identify(context, options);
}

int TlsContext::keep_session(SSL* ssl, SSL_SESSION* session) {
    auto* self = static_cast<TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    self->session_.reset(session);
    return 1;  // takes the reference
}

SslPtr TlsContext::make_ssl() {
    SslPtr ssl(SSL_new(context_.get()));
    if (!ssl) throw UserError("OpenSSL gave no new connection: " + take_openssl_error(), ExitCode::failed);
    SSL_set_connect_state(ssl.get());
    const bool address = is_address(name_);
    if (!address) SSL_set_tlsext_host_name(ssl.get(), name_.c_str());
    if (verify_) {
        X509_VERIFY_PARAM* param = SSL_get0_param(ssl.get());
        X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
        const int set = address ? X509_VERIFY_PARAM_set1_ip_asc(param, name_.c_str())
                                : X509_VERIFY_PARAM_set1_host(param, name_.c_str(), name_.size());
        if (set != 1)
            throw UserError("The server name " + name_ + " cannot be verified: it is no valid name.");
    }
    if (session_) SSL_set_session(ssl.get(), session_.get());
    return ssl;
}

}  // namespace milo_perf::http
