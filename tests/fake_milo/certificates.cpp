#include "fake_milo/certificates.hpp"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <atomic>
#include <stdexcept>

namespace milo_perf::fake_milo {
namespace {

template <auto Free>
struct Freer {
    template <class T>
    void operator()(T* pointer) const {
        Free(pointer);
    }
};
using KeyPtr = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, Freer<X509_free>>;
using BioPtr = std::unique_ptr<BIO, Freer<BIO_free>>;
using ExtensionPtr = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;

void require(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

KeyPtr make_key() {
    KeyPtr key(EVP_EC_gen("P-256"));
    require(key != nullptr, "no key");
    return key;
}

std::string text_of(const BioPtr& bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509* certificate) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_X509(bio.get(), certificate) == 1, "no certificate text");
    return text_of(bio);
}

std::string pem_of(EVP_PKEY* key) {
    const BioPtr bio(BIO_new(BIO_s_mem()));
    require(PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) == 1,
            "no key text");
    return text_of(bio);
}

void extend(X509* certificate, X509* issuer, int nid, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    require(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, "no extension");
}

/// What differs between certificates.
struct Subject {
    const char* common_name;
    const char* organization;
    const char* constraints;
    const char* usage;
    const char* alternative_names;
    long from_seconds;
    long until_seconds;
};

/// `issuer` null: self-signed.
X509Ptr make_certificate(EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key, const Subject& subject) {
    static std::atomic<long> serial{std::time(nullptr)};
    X509Ptr made(X509_new());
    X509* raw = made.get();
    X509_set_version(raw, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(raw), serial++);
    X509_gmtime_adj(X509_getm_notBefore(raw), subject.from_seconds);
    X509_gmtime_adj(X509_getm_notAfter(raw), subject.until_seconds);
    X509_NAME* name = X509_get_subject_name(raw);
    const auto add = [name](const char* field, const char* value) {
        if (value == nullptr) return;
        X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value),
                                   -1, -1, 0);
    };
    add("O", subject.organization);
    add("CN", subject.common_name);
    X509_set_issuer_name(raw, issuer == nullptr ? name : X509_get_subject_name(issuer));
    X509_set_pubkey(raw, key);
    X509* signer = issuer == nullptr ? raw : issuer;
    extend(raw, signer, NID_basic_constraints, subject.constraints);
    extend(raw, signer, NID_key_usage, subject.usage);
    extend(raw, signer, NID_subject_key_identifier, "hash");
    if (issuer != nullptr) extend(raw, signer, NID_authority_key_identifier, "keyid");
    if (subject.alternative_names != nullptr)
        extend(raw, signer, NID_subject_alt_name, subject.alternative_names);
    require(X509_sign(raw, issuer_key, EVP_sha256()) > 0, "no signature");
    return made;
}

constexpr long year = 365L * 24 * 3600;

}  // namespace

struct Authority::State {
    KeyPtr key = make_key();
    X509Ptr certificate;
};

Authority::Authority() : state_(std::make_unique<State>()) {
    state_->certificate = make_certificate(
        state_->key.get(), nullptr, state_->key.get(),
        {"fake-milo-ca", nullptr, "critical,CA:TRUE", "critical,keyCertSign,cRLSign", nullptr, -3600, year});
    ca_pem_ = pem_of(state_->certificate.get());
}

Authority::~Authority() = default;

X509* Authority::certificate() const {
    return state_->certificate.get();
}

KeyPair Authority::server(Certificate certificate) {
    const KeyPtr key = make_key();
    const bool other = certificate == Certificate::other_host;
    const bool expired = certificate == Certificate::expired;
    const Subject subject{"fake-milo",
                          nullptr,
                          "critical,CA:FALSE",
                          "critical,digitalSignature",
                          other ? "DNS:other.example" : "IP:127.0.0.1,IP:::1,DNS:localhost",
                          expired ? -year : -3600,
                          expired ? -3600 : year};
    const X509Ptr made = make_certificate(key.get(), state_->certificate.get(), state_->key.get(), subject);
    return {pem_of(made.get()), pem_of(key.get())};
}

KeyPair Authority::client(long lifetime_seconds) {
    const KeyPtr key = make_key();
    const X509Ptr made =
        make_certificate(key.get(), state_->certificate.get(), state_->key.get(),
                         {"admin", "system:masters", "critical,CA:FALSE", "critical,digitalSignature",
                          nullptr, -3600, lifetime_seconds > 0 ? lifetime_seconds : year});
    return {pem_of(made.get()), pem_of(key.get())};
}

}  // namespace milo_perf::fake_milo
