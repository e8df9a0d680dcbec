#include "stats/histogram_layout.hpp"

#include <algorithm>

namespace milo_perf::stats {

std::optional<HistogramLayout> HistogramLayout::make(std::int64_t lowest, std::int64_t highest, int digits) {
    if (lowest < 1 || highest / 2 < lowest || digits < 0 || digits > 5) return std::nullopt;

    std::uint64_t single_unit_values = 2;
    for (int i = 0; i < digits; ++i) single_unit_values *= 10;
    const int sub_bucket_magnitude = static_cast<int>(std::bit_width(single_unit_values - 1));

    HistogramLayout layout;
    layout.lowest_ = lowest;
    layout.highest_ = highest;
    layout.digits_ = digits;
    layout.unit_magnitude_ = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(lowest))) - 1;
    layout.half_magnitude_ = sub_bucket_magnitude - 1;
    if (layout.unit_magnitude_ + layout.half_magnitude_ > 61) return std::nullopt;
    layout.leading_zeros_base_ = 64 - layout.unit_magnitude_ - sub_bucket_magnitude;
    const std::uint64_t sub_buckets = std::uint64_t{1} << sub_bucket_magnitude;
    layout.sub_bucket_mask_ = (sub_buckets - 1) << layout.unit_magnitude_;

    std::uint64_t buckets = 1;
    for (std::uint64_t beyond = sub_buckets << layout.unit_magnitude_;
         beyond <= static_cast<std::uint64_t>(highest); beyond <<= 1) {
        ++buckets;
    }
    const std::uint64_t counts = (buckets + 1) << layout.half_magnitude_;
    if (counts > max_counts) return std::nullopt;
    layout.counts_length_ = static_cast<std::uint32_t>(counts);
    return layout;
}

int HistogramLayout::bucket_shift(std::uint32_t index) const {
    const int bucket = static_cast<int>(index >> half_magnitude_) - 1;
    return std::max(bucket, 0) + unit_magnitude_;
}

std::int64_t HistogramLayout::lowest_at(std::uint32_t index) const {
    const std::uint32_t half = std::uint32_t{1} << half_magnitude_;
    // The lowest bucket uses both of its halves, every other only its upper one.
    const std::uint64_t sub_bucket = index < half ? index : (index & (half - 1)) + half;
    return static_cast<std::int64_t>(sub_bucket << bucket_shift(index));
}

std::int64_t HistogramLayout::highest_at(std::uint32_t index) const {
    const std::uint64_t width = std::uint64_t{1} << bucket_shift(index);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(lowest_at(index)) + (width - 1));
}

std::int64_t HistogramLayout::median_at(std::uint32_t index) const {
    return lowest_at(index) + ((std::int64_t{1} << bucket_shift(index)) >> 1);
}

namespace {

constexpr std::int64_t one_hour_ns = 3'600'000'000'000;

}  // namespace

const HistogramLayout& latency_layout() {
    static const HistogramLayout layout = *HistogramLayout::make(1, one_hour_ns, 3);
    return layout;
}

const HistogramLayout& compact_layout() {
    static const HistogramLayout layout = *HistogramLayout::make(100, one_hour_ns, 2);
    return layout;
}

}  // namespace milo_perf::stats
