#include "kube/tls_material.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>

#include "http/tls_context.hpp"

namespace milo_perf::kube {
namespace {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};
using BioPtr = std::unique_ptr<BIO, Freed<&BIO_free>>;
using X509Ptr = std::unique_ptr<X509, Freed<&X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, Freed<&EVP_PKEY_free>>;

BioPtr bio_of(std::string_view text) {
    return BioPtr(BIO_new_mem_buf(text.empty() ? "" : text.data(), static_cast<int>(text.size())));
}

/// Without it OpenSSL asks for the password of an encrypted key on the terminal.
int no_password(char*, int, int, void* asked) {
    *static_cast<bool*>(asked) = true;
    return -1;
}

/// True when reading stopped at the end of the text, not at a broken block; empties OpenSSL's error queue.
bool ended_cleanly() {
    const unsigned long code = ERR_peek_last_error();
    ERR_clear_error();
    return ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
}

/// Reads all certificates; gives the first one.
std::optional<std::string> certificates_problem(std::string_view pem, X509Ptr& first) {
    const BioPtr bio = bio_of(pem);
    int count = 0;
    while (X509Ptr certificate{PEM_read_bio_X509(bio.get(), nullptr, &http::no_password, nullptr)}) {
        if (count++ == 0) first = std::move(certificate);
    }
    const bool clean = ended_cleanly();
    if (!clean) return fmt::format("certificate {} is damaged", count + 1);
    if (count == 0) return "no PEM certificate";
    return std::nullopt;
}

std::optional<std::string> expiry_problem(const X509* certificate, WallTime now) {
    const std::time_t seconds = WallClock::to_time_t(now);
    const ASN1_TIME* not_after = X509_get0_notAfter(certificate);
    if (ASN1_TIME_cmp_time_t(not_after, seconds) != -1) return std::nullopt;
    std::tm when{};
    if (ASN1_TIME_to_tm(not_after, &when) != 1) return "the certificate has expired";
    return fmt::format("the certificate expired at {:%Y-%m-%dT%H:%M:%SZ}", when);
}

}  // namespace

std::optional<std::string> ca_problem(std::string_view pem) {
    if (!http::trust_anchors(pem).empty()) return std::nullopt;
    return "it holds no readable PEM certificate";
}

std::optional<std::string> client_certificate_problem(std::string_view certificate_pem,
                                                      std::string_view key_pem, WallTime now) {
    X509Ptr certificate;
    if (const auto problem = certificates_problem(certificate_pem, certificate))
        return certificate ? fmt::format("in the certificate's chain, {}", *problem)
                           : std::string("the certificate is no readable PEM certificate");
    if (auto problem = expiry_problem(certificate.get(), now)) return problem;
    const BioPtr bio = bio_of(key_pem);
    bool asked = false;
    const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &no_password, &asked));
    ERR_clear_error();
    if (!key)
        return asked ? "the key is encrypted, and only a key without a password can be used"
                     : "the key is no readable PEM private key";
    const bool match = X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error();
    if (!match) return "the key does not belong to the certificate";
    return std::nullopt;
}

std::optional<Duration> certificate_lifetime(std::string_view pem, WallTime now) {
    X509Ptr first;
    certificates_problem(pem, first);
    if (!first) return std::nullopt;
    const std::unique_ptr<ASN1_TIME, Freed<&ASN1_TIME_free>> from(
        ASN1_TIME_set(nullptr, WallClock::to_time_t(now)));
    int days = 0;
    int seconds = 0;
    if (!from || ASN1_TIME_diff(&days, &seconds, from.get(), X509_get0_notAfter(first.get())) != 1)
        return std::nullopt;
    // Centuries do not fit into nanoseconds.
    constexpr int most_days = 3650;
    return std::chrono::hours(24) * std::clamp(days, -most_days, most_days) + std::chrono::seconds(seconds);
}

}  // namespace milo_perf::kube
