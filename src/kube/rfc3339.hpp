#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace milo_perf::kube {

/// A time such as "2026-01-31T12:00:00Z" or "2026-01-31T13:00:00.5+01:00" (RFC 3339), as Kubernetes writes
/// it. Fractions finer than the clock's are cut off. Nothing when the text is malformed.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace milo_perf::kube
