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
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

BioPtr memory_bio(std::string_view text) {
    return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

[[noreturn]] void fail(const char* what) {
    throw UserError(fmt::format("The {} cannot be used ({}): put a PEM text there that openssl can read.",
                                what, take_openssl_error()));
}

/// Any certificate that is given is an anchor, be it an intermediate or the server's own, as in Go.
void trust(SSL_CTX* context, const std::string& ca_pem) {
    if (ca_pem.empty()) {
        if (SSL_CTX_set_default_verify_paths(context) != 1) fail("system's trust store");
        return;
    }
    X509_STORE* store = SSL_CTX_get_cert_store(context);
    const std::vector<X509Ptr> anchors = trust_anchors(ca_pem);
    if (anchors.empty()) fail("certificate authority");
    for (const X509Ptr& anchor : anchors)
        if (X509_STORE_add_cert(store, anchor.get()) != 1) fail("certificate authority");
    X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
}

void identify(SSL_CTX* context, const TlsOptions& options) {
    if (options.client_certificate_pem.empty() && options.client_key_pem.empty()) return;
    const BioPtr chain = memory_bio(options.client_certificate_pem);
    const X509Ptr leaf(PEM_read_bio_X509(chain.get(), nullptr, &no_password, nullptr));
    if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) fail("client certificate");
    while (X509* extra = PEM_read_bio_X509(chain.get(), nullptr, &no_password, nullptr)) {
        if (SSL_CTX_add_extra_chain_cert(context, extra) != 1) {
            X509_free(extra);
            fail("client certificate's chain");
        }
    }
    ERR_clear_error();
    const BioPtr key_text = memory_bio(options.client_key_pem);
    const KeyPtr key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, &no_password, nullptr));
    if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1) fail("client key");
    if (SSL_CTX_check_private_key(context) != 1)
        fail("client key, which does not belong to the client certificate,");
}

bool is_address(const std::string& host) {
    boost::system::error_code error;
    boost::asio::ip::make_address(host, error);
    return !error;
}

/// An absolute name's trailing dot belongs to the look-up alone.
std::string without_trailing_dot(std::string name) {
    if (name.ends_with('.')) name.pop_back();
    return name;
}

std::string in_lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return lower;
}

/// As Go: `*` stands for the whole first label, whatever follows it; OpenSSL wants two more labels there.
bool name_matches(const std::string& pattern, const std::string& host) {
    if (pattern == host) return !host.empty();
    const std::size_t dot = host.find('.');
    return pattern.starts_with("*.") && pattern.size() > 2 && dot != std::string::npos && dot > 0 &&
           std::string_view(host).substr(dot + 1) == std::string_view(pattern).substr(2);
}

/// Whether a subject alternative name of the certificate is `name`. The subject's common name does not count.
bool is_for_name(X509* certificate, const std::string& name) {
    const std::unique_ptr<GENERAL_NAMES, decltype([](GENERAL_NAMES* all) { GENERAL_NAMES_free(all); })> names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    const std::string host = in_lower_case(name);
    for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* one = sk_GENERAL_NAME_value(names.get(), i);
        if (one->type != GEN_DNS) continue;
        const ASN1_STRING* text = one->d.dNSName;
        const std::string pattern(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                                  static_cast<std::size_t>(ASN1_STRING_length(text)));
        if (name_matches(in_lower_case(pattern), host)) return true;
    }
    return false;
}

}  // namespace

std::vector<X509Ptr> trust_anchors(std::string_view pem) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----";
    constexpr std::string_view end = "-----END CERTIFICATE-----";
    std::vector<X509Ptr> anchors;
    for (std::size_t stop = pem.find(end); stop != std::string_view::npos; stop = pem.find(end)) {
        const std::string_view before = pem.substr(0, stop + end.size());
        pem.remove_prefix(stop + end.size());
        // The nearest one, should an earlier block have lost its end.
        const std::size_t start = before.rfind(begin);
        if (start == std::string_view::npos) continue;
        const BioPtr block = memory_bio(std::string_view(before.substr(start)));
        X509Ptr certificate(PEM_read_bio_X509(block.get(), nullptr, &no_password, nullptr));
        if (certificate) anchors.push_back(std::move(certificate));
    }
    ERR_clear_error();
    return anchors;
}

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
      name_(without_trailing_dot(options.server_name.empty() ? host : options.server_name)),
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
    if (verify_) {
        trust(context, options.ca_pem);
        SSL_CTX_set_cert_verify_callback(context, &TlsContext::verify, this);
    }
    SSL_CTX_set_verify(context, verify_ ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
    identify(context, options);
}

int TlsContext::keep_session(SSL* ssl, SSL_SESSION* session) {
    auto* self = static_cast<TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
    self->session_.reset(session);
    return 1;  // takes the reference
}

int TlsContext::verify(X509_STORE_CTX* chain, void* context) {
    const auto* self = static_cast<const TlsContext*>(context);
    if (X509_verify_cert(chain) != 1) return 0;
    X509* leaf = X509_STORE_CTX_get0_cert(chain);
    const bool right = is_address(self->name_) ? X509_check_ip_asc(leaf, self->name_.c_str(), 0) == 1
                                               : is_for_name(leaf, self->name_);
    if (!right) X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
    return right ? 1 : 0;
}

SslPtr TlsContext::make_ssl() {
    SslPtr ssl(SSL_new(context_.get()));
    if (!ssl) throw UserError("OpenSSL gave no new connection: " + take_openssl_error(), ExitCode::failed);
    SSL_set_connect_state(ssl.get());
    if (!is_address(name_)) SSL_set_tlsext_host_name(ssl.get(), name_.c_str());
    if (session_) SSL_set_session(ssl.get(), session_.get());
    return ssl;
}

}  // namespace milo_perf::http
