#include "http/tls_context.hpp"

#include <doctest/doctest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <tuple>

#include "base/error.hpp"

using namespace milo_perf;
using namespace milo_perf::http;

namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;
using BioPtr = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free(bio); })>;

/// A certificate with its key.
struct Holder {
    X509Ptr certificate;
    KeyPtr key;

    std::string pem() const {
        const BioPtr bio(BIO_new(BIO_s_mem()));
        PEM_write_bio_X509(bio.get(), certificate.get());
        char* data = nullptr;
        const long size = BIO_get_mem_data(bio.get(), &data);
        return {data, static_cast<std::size_t>(size)};
    }
};

void extend(X509* certificate, int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    REQUIRE(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

/// `names` is the subjectAltName, e.g. "DNS:milo.example"; empty: none. Self-signed without an issuer.
Holder make(const std::string& common_name, bool authority, const std::string& names, const Holder* issuer) {
    static long serial = 1;
    Holder made{X509Ptr(X509_new()), KeyPtr(EVP_EC_gen("P-256"))};
    X509* certificate = made.certificate.get();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_NAME* subject = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate,
                         issuer != nullptr ? X509_get_subject_name(issuer->certificate.get()) : subject);
    X509_set_pubkey(certificate, made.key.get());
    extend(certificate, NID_basic_constraints, authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (!names.empty()) extend(certificate, NID_subject_alt_name, names);
    X509_sign(certificate, issuer != nullptr ? issuer->key.get() : made.key.get(), EVP_sha256());
    return made;
}

/// What a handshake came to.
struct Handshake {
    bool done = false;
    /// What the server was asked for (SNI).
    std::string server_name;
    std::string error;
};

/// A handshake of TlsContext with a server that sends `leaf` and `chain`.
Handshake shake(const TlsOptions& options, const std::string& host, const Holder& leaf,
                const Holder* chain = nullptr) {
    const SslContextPtr context(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(context.get(), leaf.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), leaf.key.get());
    if (chain != nullptr) SSL_CTX_add1_chain_cert(context.get(), chain->certificate.get());
    const SslPtr server(SSL_new(context.get()));
    SSL_set_accept_state(server.get());
    TlsContext ours(options, host);
    const SslPtr client = ours.make_ssl();
    BIO* one = nullptr;
    BIO* other = nullptr;
    BIO_new_bio_pair(&one, 0, &other, 0);
    SSL_set_bio(client.get(), one, one);
    SSL_set_bio(server.get(), other, other);
    Handshake result;
    for (int turn = 0; turn < 20 && !result.done; ++turn) {
        const int ours_done = SSL_do_handshake(client.get());
        if (ours_done != 1 && SSL_get_error(client.get(), ours_done) == SSL_ERROR_SSL) {
            result.error = take_openssl_error();
            const long verified = SSL_get_verify_result(client.get());
            if (verified != X509_V_OK) result.error = X509_verify_cert_error_string(verified);
            break;
        }
        const int theirs_done = SSL_do_handshake(server.get());
        ERR_clear_error();
        result.done = ours_done == 1 && theirs_done == 1;
    }
    const char* asked = SSL_get_servername(server.get(), TLSEXT_NAMETYPE_host_name);
    if (asked != nullptr) result.server_name = asked;
    return result;
}

}  // namespace

TEST_CASE("any certificate that is given is an anchor") {
    const Holder root = make("root", true, "", nullptr);
    const Holder intermediate = make("intermediate", true, "", &root);
    const Holder leaf = make("leaf", false, "DNS:milo.example,IP:127.0.0.1", &intermediate);
    const Holder alone = make("alone", false, "DNS:milo.example", nullptr);
    const Holder other = make("other", true, "", nullptr);
    const auto done = [&](const std::string& ca, const Holder& server, const Holder* chain) {
        return shake({.ca_pem = ca}, "milo.example", server, chain).done;
    };
    CHECK(done(root.pem(), leaf, &intermediate));
    CHECK(done(intermediate.pem(), leaf, &intermediate));
    CHECK(done(intermediate.pem(), leaf, nullptr));
    CHECK(done(leaf.pem(), leaf, nullptr));
    CHECK(done(leaf.pem(), leaf, &intermediate));
    CHECK(done(alone.pem(), alone, nullptr));
    CHECK(done(other.pem() + intermediate.pem(), leaf, &intermediate));
    CHECK_FALSE(done(root.pem(), leaf, nullptr));
    CHECK_FALSE(done(other.pem(), leaf, &intermediate));
    CHECK_FALSE(done(leaf.pem(), alone, nullptr));
    // What was made for another key of the same name is no anchor for this one.
    CHECK_FALSE(done(make("intermediate", true, "", &root).pem(), leaf, nullptr));
}

TEST_CASE("blocks that cannot be read do not spoil a bundle") {
    const Holder root = make("root", true, "", nullptr);
    const std::string good = root.pem();
    const std::string begin = "-----BEGIN CERTIFICATE-----\n";
    const std::string end = "-----END CERTIFICATE-----\n";
    CHECK(trust_anchors(good).size() == 1);
    CHECK(trust_anchors("").empty());
    CHECK(trust_anchors(begin + "AAAA\n" + end).empty());
    CHECK(trust_anchors(begin + "AAAA\n" + end + good).size() == 1);
    // Asked for on the terminal otherwise, which nobody answers.
    CHECK(trust_anchors(
              begin +
              "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAA\n" +
              end + good)
              .size() == 1);
    CHECK(trust_anchors(good + begin + "****\n" + end).size() == 1);
    CHECK(trust_anchors(begin + "AAAA\n" + good).size() == 1);
    CHECK(
        trust_anchors("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n" + good + "text\n" + good)
            .size() == 2);
    CHECK(trust_anchors(good.substr(0, good.size() / 2)).empty());
    CHECK_THROWS_AS(TlsContext({.ca_pem = begin + "AAAA\n" + end}, "a"), UserError);
}

TEST_CASE("a name counts in the subject alternative names only") {
    const Holder root = make("root", true, "", nullptr);
    const auto shaken = [&](const std::string& common_name, const std::string& names,
                            const std::string& host) {
        const Holder leaf = make(common_name, false, names, &root);
        return shake({.ca_pem = root.pem()}, host, leaf).done;
    };
    CHECK(shaken("x", "DNS:milo.example", "milo.example"));
    CHECK(shaken("x", "DNS:MILO.example", "milo.EXAMPLE"));
    CHECK(shaken("x", "DNS:*.example", "milo.example"));
    CHECK(shaken("x", "DNS:*.Local.Example", "MILO.local.example"));
    CHECK(shaken("x", "DNS:other,DNS:milo_1", "milo_1"));
    CHECK(shaken("x", "IP:127.0.0.1", "127.0.0.1"));
    CHECK(shaken("x", "IP:::1", "::1"));
    CHECK_FALSE(shaken("milo.example", "", "milo.example"));
    CHECK_FALSE(shaken("milo.example", "IP:127.0.0.1", "milo.example"));
    CHECK_FALSE(shaken("milo.example", "DNS:other.example", "milo.example"));
    CHECK_FALSE(shaken("127.0.0.1", "DNS:127.0.0.1", "127.0.0.1"));
    CHECK_FALSE(shaken("x", "DNS:*.example", "a.b.example"));
    CHECK_FALSE(shaken("x", "DNS:m*.example", "milo.example"));
    CHECK_FALSE(shaken("x", "DNS:milo.*", "milo.example"));
    CHECK_FALSE(shaken("x", "DNS:*", "milo"));
    CHECK_FALSE(shaken("x", "DNS:*.example", ".example"));
}

TEST_CASE("an absolute name's trailing dot is neither sent nor verified") {
    const Holder root = make("root", true, "", nullptr);
    const Holder leaf = make("x", false, "DNS:milo.example,DNS:inner", &root);
    const auto shaken = [&](const std::string& server_name, const std::string& host) {
        return shake({.ca_pem = root.pem(), .server_name = server_name}, host, leaf);
    };
    for (const auto& [server_name, host, sent] :
         {std::tuple{"", "milo.example.", "milo.example"}, std::tuple{"inner.", "10.0.0.1", "inner"},
          std::tuple{"Milo.Example.", "a", "Milo.Example"}}) {
        const Handshake handshake = shaken(server_name, host);
        CAPTURE(host);
        CAPTURE(handshake.error);
        CHECK(handshake.done);
        CHECK(handshake.server_name == sent);
    }
    CHECK_FALSE(shaken("", "milo.example.x.").done);
    CHECK(shaken("", "10.0.0.1").server_name.empty());
}
