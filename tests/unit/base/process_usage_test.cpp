#include "base/process_usage.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace milo_perf;

TEST_CASE("peak memory holds what is touched, CPU time grows by what is worked") {
    const Duration cpu_before = process_cpu_time();
    constexpr std::size_t touched = 64U << 20U;
    const std::vector<char> block(touched, 'x');
    std::size_t sum = 0;
    do {
        for (const char byte : block) sum += static_cast<std::size_t>(byte);
    } while (process_cpu_time() == cpu_before);
    CHECK(sum > 0);
    REQUIRE(peak_memory_bytes());
    CHECK(*peak_memory_bytes() >= touched);
    CHECK(process_cpu_time() > cpu_before);
}

TEST_CASE("the kernel's part of the CPU time grows by what is asked of the kernel") {
    const Duration kernel_before = process_kernel_time();
    while (process_kernel_time() == kernel_before) {
        CHECK(peak_memory_bytes());
    }
    CHECK(process_kernel_time() <= process_cpu_time());
}
