#pragma once

#include <cstdint>
#include <cstdlib>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "stats/histogram_layout.hpp"

namespace milo_perf::stats {

/// A latency histogram of constant size and bounded relative error (HdrHistogram). Recording is O(1) and
/// never allocates. Histograms of several shards merge without loss: the percentiles of the merged one are
/// those of the joint data within the layout's bound.
///
/// Memory: 264 KiB of address space with the latency layout, of which only the touched pages get real.
class Histogram {
  public:
    explicit Histogram(const HistogramLayout& layout = latency_layout());

    /// Counts a value `times` times. Values outside [0, highest] are clamped and counted in saturated().
    void record(Duration value, std::uint64_t times = 1);

    /// Adds all of `other`. A different layout is converted by the middle of each of its buckets.
    void merge(const Histogram& other);

    /// Forgets everything, keeps the memory.
    void clear();

    std::uint64_t count() const { return count_; }
    bool empty() const { return count_ == 0; }
    /// How many values had to be clamped into the range.
    std::uint64_t saturated() const { return saturated_; }

    /// Exact for what was recorded here; of decoded or converted data the bucket's bound or middle.
    std::optional<Duration> min() const;
    std::optional<Duration> max() const;
    std::optional<Duration> mean() const;

    /// The value that `percent` (0 to 100) of the recorded ones do not exceed: the highest value of its
    /// bucket, as HdrHistogram has it, yet never above max(). Empty without data.
    std::optional<Duration> percentile(double percent) const;

    const HistogramLayout& layout() const { return layout_; }
    std::uint64_t count_at(std::uint32_t index) const { return counts_[index]; }

    /// Calls `visit(index, count)` for every bucket in use, in ascending order.
    void for_each(const std::function<void(std::uint32_t index, std::uint64_t count)>& visit) const;

    /// The HdrHistogram V2 compressed encoding in base64: what its libraries and log tools of other
    /// languages read. Exact min, max, mean and saturated() are not part of it.
    std::string encode() const;

    /// Reads that encoding, of any layout within HistogramLayout::max_counts. Empty when the text is not one,
    /// whatever it holds.
    static std::optional<Histogram> decode(std::string_view base64);

  private:
    struct Free {
        void operator()(std::uint64_t* p) const { std::free(p); }
    };

    void add_at(std::uint32_t index, std::uint64_t times);

    HistogramLayout layout_;
    std::unique_ptr<std::uint64_t[], Free> counts_;
    std::uint64_t count_ = 0;
    std::uint64_t saturated_ = 0;
    std::int64_t min_ = 0;
    std::int64_t max_ = 0;
    /// 64 bits of mantissa: exact for 584 years of nanoseconds.
    long double sum_ = 0;
};

}  // namespace milo_perf::stats
