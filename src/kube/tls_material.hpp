#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace milo_perf::kube {

/// Why `pem` is no list of CA certificates; a clause such as "it holds no PEM certificate". Nothing when it
/// is.
std::optional<std::string> ca_problem(std::string_view pem);

/// Why a client certificate and its key cannot be used together: unreadable, encrypted, expired at `now`, or
/// the key is another certificate's. A clause that begins with "the certificate" or "the key"; nothing when
/// they can.
std::optional<std::string> client_certificate_problem(std::string_view certificate_pem,
                                                      std::string_view key_pem, WallTime now);

}  // namespace milo_perf::kube
