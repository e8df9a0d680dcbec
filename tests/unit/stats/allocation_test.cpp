// Counts the allocations of the recording calls, which stand in every request's way.
#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <new>
#include <string_view>

#include "stats/recorder.hpp"

namespace {

std::uint64_t allocations = 0;

void* counted(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) {
    return counted(size);
}
void* operator new[](std::size_t size) {
    return counted(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete[](void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
    std::free(memory);
}

using namespace milo_perf;
using namespace std::chrono_literals;

TEST_CASE("recording does not allocate") {
    const TimePoint origin{9s};
    stats::Recorder recorder(origin);
    const auto id = recorder.series("objects", stats::Verb::create, "secrets");
    stats::Attempt attempt;
    attempt.planned = attempt.started = attempt.connected = origin;
    attempt.reused = true;
    constexpr std::string_view causes[] = {"reset", "timeout", "http_500", "refused"};

    const auto record_some = [&] {
        for (int i = 0; i < 10'000; ++i) {
            const TimePoint finished = origin + std::chrono::microseconds(i * 17);
            attempt.first_byte = attempt.finished = finished;
            attempt.status = i % 5 == 0 ? 0 : 200 + i % 20;
            attempt.error = i % 5 == 0 ? causes[i / 5 % 4] : std::string_view();
            recorder.operation_started(id, origin);
            recorder.attempt(id, attempt);
            recorder.retry(id, causes[i % 4], 1ms);
            recorder.operation_finished(id, origin, origin, finished, i % 5 != 0, causes[i % 4]);
        }
    };
    // All within the first second: the time line closes no interval.
    const std::uint64_t before = allocations;
    record_some();
    CHECK(before > 0);
    CHECK(allocations == before);
    CHECK(recorder.at(id).attempts == 10'000);
}
