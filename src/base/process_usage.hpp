#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"

namespace milo_perf {

/// CPU time of this process so far, user and system.
Duration process_cpu_time();

/// Of that, the kernel's work for this process.
Duration process_kernel_time();

/// Time the main thread could have run but had no CPU, since its start; empty where the kernel does not tell
/// (/proc/PID/schedstat).
std::optional<Duration> run_delay();

/// Most resident memory of this program so far; empty where the kernel does not tell (/proc/PID/status).
std::optional<std::uint64_t> peak_memory_bytes();

}  // namespace milo_perf
