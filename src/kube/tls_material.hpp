#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace milo_perf::kube {

/// Why nothing in `pem` can be trusted; a clause such as "it holds no readable PEM certificate". Nothing when
/// at least one certificate in it can.
std::optional<std::string> ca_problem(std::string_view pem);

/// Why a client certificate and its key cannot be used together: unreadable, encrypted, expired at `now`, or
/// the key is another certificate's. A clause that begins with "the certificate" or "the key"; nothing when
/// they can.
std::optional<std::string> client_certificate_problem(std::string_view certificate_pem,
                                                      std::string_view key_pem, WallTime now);

/// How long the first certificate in `pem` is still valid at `now`; not above zero when it has expired. Empty
/// for a text that has none.
std::optional<Duration> certificate_lifetime(std::string_view pem, WallTime now);

}  // namespace milo_perf::kube
