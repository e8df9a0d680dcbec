#include "kube/tls_material.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

#include "unit/kube/kube_test_support.hpp"

using namespace milo_perf;
using namespace milo_perf::kube;
using test::contains;

TEST_CASE("CA texts") {
    const std::string one = test::make_certificate().certificate_pem;
    const std::string two = test::make_certificate().certificate_pem;
    CHECK_FALSE(ca_problem(one));
    CHECK_FALSE(ca_problem("# a comment\n" + one + "\n" + two));
    CHECK(ca_problem("") == "it holds no readable PEM certificate");
    CHECK(ca_problem("not PEM") == "it holds no readable PEM certificate");
    std::string damaged = two;
    damaged.replace(damaged.size() / 2, 4, "****");
    CHECK(ca_problem(damaged) == "it holds no readable PEM certificate");
    // As kubectl: what cannot be read is passed over.
    CHECK_FALSE(ca_problem(one + damaged));
    CHECK_FALSE(ca_problem(damaged + one));
    CHECK_FALSE(ca_problem(one.substr(0, one.size() / 2) + "\n" + two));
    CHECK_FALSE(ca_problem(test::make_certificate().key_pem + one));
}

TEST_CASE("client certificates and keys") {
    const WallTime now = WallClock::now();
    const auto mine = test::make_certificate();
    const auto other = test::make_certificate();
    CHECK_FALSE(client_certificate_problem(mine.certificate_pem, mine.key_pem, now));
    CHECK_FALSE(client_certificate_problem(mine.certificate_pem + other.certificate_pem, mine.key_pem, now));
    CHECK(client_certificate_problem(mine.certificate_pem, other.key_pem, now) ==
          "the key does not belong to the certificate");
    CHECK(client_certificate_problem("", mine.key_pem, now) ==
          "the certificate is no readable PEM certificate");
    CHECK(client_certificate_problem(mine.key_pem, mine.key_pem, now) ==
          "the certificate is no readable PEM certificate");
    CHECK(client_certificate_problem(mine.certificate_pem, "", now) ==
          "the key is no readable PEM private key");
    CHECK(client_certificate_problem(mine.certificate_pem, mine.certificate_pem, now) ==
          "the key is no readable PEM private key");
    CHECK(client_certificate_problem(mine.certificate_pem, test::encrypted_key(mine.key_pem), now) ==
          "the key is encrypted, and only a key without a password can be used");
    CHECK(
        contains(*client_certificate_problem(mine.certificate_pem, mine.key_pem, now + std::chrono::hours(2)),
                 "the certificate expired at 20"));
}

TEST_CASE("how long a certificate is still valid") {
    const WallTime now = WallClock::now();
    const auto left = [now](std::chrono::seconds valid_for) {
        const auto lifetime = certificate_lifetime(test::make_certificate(valid_for).certificate_pem, now);
        REQUIRE(lifetime);
        return std::chrono::duration_cast<std::chrono::seconds>(*lifetime - valid_for).count();
    };
    for (const int seconds : {60, 3600, -60, 86400 * 3})
        CHECK(std::abs(left(std::chrono::seconds(seconds))) <= 2);
    CHECK(*certificate_lifetime(test::make_certificate(std::chrono::hours(24 * 365 * 50)).certificate_pem,
                                now) > std::chrono::hours(24 * 3000));
    CHECK_FALSE(certificate_lifetime("", now));
    CHECK_FALSE(certificate_lifetime("no PEM", now));
}
