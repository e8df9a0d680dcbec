#include "stats/histogram.hpp"
#include "fuzz_input.hpp"

// What is decoded can be encoded, decoded again, and stays the same.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using milo_perf::stats::Histogram;
    const auto histogram = Histogram::decode(fuzz::text(data, size));
    if (!histogram) return 0;
    const auto again = Histogram::decode(histogram->encode());
    fuzz::require(again.has_value());
    fuzz::require(again->count() == histogram->count());
    fuzz::require(again->percentile(99) == histogram->percentile(99));
    return 0;
}
