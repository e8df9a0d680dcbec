#pragma once

#include <string>

#include "base/clock.hpp"

namespace milo_perf {

/// A time of day as results carry it: ISO 8601 in UTC with microseconds ("2026-05-04T10:11:12.000000+00:00"),
/// as Python's datetime.isoformat() writes it.
std::string iso8601(WallTime at);

}  // namespace milo_perf
