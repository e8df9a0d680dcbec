#pragma once

#include <cstdint>

namespace milo_perf::workload {

/// How an operation ended.
enum class Ending : std::uint8_t {
    done,
    /// A create whose object was there already, with this run's label.
    existing,
    /// The server knows no such object or collection.
    not_found,
    failed,
    /// Given up by the client itself.
    cancelled
};

}  // namespace milo_perf::workload
