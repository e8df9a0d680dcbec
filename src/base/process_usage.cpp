#include "base/process_usage.hpp"

#include <sys/resource.h>

#include <chrono>
#include <fstream>

namespace milo_perf {

namespace {
Duration duration_of(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}
}  // namespace

Duration process_cpu_time() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return duration_of(usage.ru_utime) + duration_of(usage.ru_stime);
}

std::optional<Duration> run_delay() {
    std::ifstream file("/proc/self/schedstat");
    std::int64_t on_cpu = 0;
    std::int64_t waiting = 0;
    if (!(file >> on_cpu >> waiting)) return std::nullopt;
    return std::chrono::nanoseconds(waiting);
}

std::uint64_t peak_memory_bytes() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace milo_perf
