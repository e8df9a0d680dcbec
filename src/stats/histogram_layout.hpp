#pragma once

#include <bit>
#include <cstdint>
#include <optional>

namespace milo_perf::stats {

/// Where values land in a High Dynamic Range histogram: Gil Tene's HdrHistogram, whose index arithmetic and
/// names these are. Values double their resolution's width with every power of two, so that the relative
/// error stays below 10^-digits over the whole range.
class HistogramLayout {
  public:
    /// `lowest` is the smallest difference to tell apart (>= 1), `highest` the largest value (>= 2 * lowest),
    /// `digits` the significant decimal digits (0 to 5). Empty when they do not fit together or need more
    /// than `max_counts` counts.
    static std::optional<HistogramLayout> make(std::int64_t lowest, std::int64_t highest, int digits);

    /// Limits what a decoded text may claim: 4 MiB of counts.
    static constexpr std::uint32_t max_counts = 1U << 19;

    std::int64_t lowest() const { return lowest_; }
    std::int64_t highest() const { return highest_; }
    int digits() const { return digits_; }
    std::uint32_t counts_length() const { return counts_length_; }

    /// Index of a value in [0, highest()].
    std::uint32_t index_of(std::int64_t value) const {
        const auto bits = static_cast<std::uint64_t>(value);
        const int bucket = leading_zeros_base_ - std::countl_zero(bits | sub_bucket_mask_);
        const auto sub_bucket = static_cast<std::uint32_t>(bits >> (bucket + unit_magnitude_));
        return (static_cast<std::uint32_t>(bucket) << half_magnitude_) + sub_bucket;
    }

    /// The smallest and the largest value that share an index.
    std::int64_t lowest_at(std::uint32_t index) const;
    std::int64_t highest_at(std::uint32_t index) const;
    /// The middle of them, the best single guess.
    std::int64_t median_at(std::uint32_t index) const;

    friend bool operator==(const HistogramLayout&, const HistogramLayout&) = default;

  private:
    HistogramLayout() = default;
    int bucket_shift(std::uint32_t index) const;

    std::int64_t lowest_ = 0;
    std::int64_t highest_ = 0;
    int digits_ = 0;
    int unit_magnitude_ = 0;
    int half_magnitude_ = 0;
    int leading_zeros_base_ = 0;
    std::uint64_t sub_bucket_mask_ = 0;
    std::uint32_t counts_length_ = 0;
};

/// Latencies in nanoseconds up to 1 h with 3 significant digits. Below 2 µs every nanosecond is told apart.
const HistogramLayout& latency_layout();

/// The same range with 2 digits from 7 µs up (64 ns steps below), for the many intervals of a time line.
const HistogramLayout& compact_layout();

}  // namespace milo_perf::stats
