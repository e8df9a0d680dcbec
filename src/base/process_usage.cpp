#include "base/process_usage.hpp"

#include <sys/resource.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <string>

namespace milo_perf {

namespace {
Duration duration_of(const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

rusage usage_so_far() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage;
}
}  // namespace

Duration process_cpu_time() {
    const rusage usage = usage_so_far();
    return duration_of(usage.ru_utime) + duration_of(usage.ru_stime);
}

Duration process_kernel_time() {
    return duration_of(usage_so_far().ru_stime);
}

std::optional<Duration> run_delay() {
    std::ifstream file("/proc/self/schedstat");
    std::int64_t on_cpu = 0;
    std::int64_t waiting = 0;
    if (!(file >> on_cpu >> waiting)) return std::nullopt;
    return std::chrono::nanoseconds(waiting);
}

std::optional<std::uint64_t> peak_memory_bytes() {
    // Not getrusage's ru_maxrss: it is inherited through exec, so that a large parent's memory would count.
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("VmHWM:")) return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
    }
    return std::nullopt;
}

}  // namespace milo_perf
