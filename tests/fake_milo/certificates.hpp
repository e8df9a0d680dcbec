#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "fake_milo/server.hpp"

namespace milo_perf::fake_milo {

/// A key and its certificate as PEM.
struct KeyPair {
    std::string certificate_pem;
    std::string key_pem;
};

/// A certificate authority made for one server; keys are P-256.
class Authority {
  public:
    Authority();
    ~Authority();
    Authority(const Authority&) = delete;
    Authority& operator=(const Authority&) = delete;

    const std::string& ca_pem() const { return ca_pem_; }
    /// For 127.0.0.1, ::1 and localhost; or expired; or for other.example.
    KeyPair server(Certificate certificate);
    /// Valid for `lifetime_seconds` from now; 0: a year.
    KeyPair client(long lifetime_seconds = 0);
    X509* certificate() const;

  private:
    struct State;
    std::unique_ptr<State> state_;
    std::string ca_pem_;
};

}  // namespace milo_perf::fake_milo
