#include "stats/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <new>

namespace milo_perf::stats {

// calloc hands out untouched zero pages for a block of this size: a histogram costs real memory only where
// values fall.
Histogram::Histogram(const HistogramLayout& layout)
    : layout_(layout),
      counts_(static_cast<std::uint64_t*>(std::calloc(layout.counts_length(), sizeof(std::uint64_t)))) {
    if (!counts_) throw std::bad_alloc();
}

void Histogram::record(Duration value, std::uint64_t times) {
    if (times == 0) return;
    const std::int64_t wanted = value.count();
    const std::int64_t stored = std::clamp(wanted, std::int64_t{0}, layout_.highest());
    if (stored != wanted) saturated_ += times;
    min_ = empty() ? stored : std::min(min_, stored);
    max_ = empty() ? stored : std::max(max_, stored);
    counts_[layout_.index_of(stored)] += times;
    count_ += times;
    sum_ += static_cast<long double>(stored) * static_cast<long double>(times);
}

void Histogram::merge(const Histogram& other) {
    if (other.empty()) return;
    if (layout_ != other.layout_) {
        other.for_each([&](std::uint32_t index, std::uint64_t times) {
            record(Duration(other.layout_.median_at(index)), times);
        });
        saturated_ += other.saturated_;
        return;
    }
    min_ = empty() ? other.min_ : std::min(min_, other.min_);
    max_ = empty() ? other.max_ : std::max(max_, other.max_);
    const std::uint32_t last = layout_.index_of(other.max_);
    for (std::uint32_t i = layout_.index_of(other.min_); i <= last; ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    saturated_ += other.saturated_;
    sum_ += other.sum_;
}

void Histogram::clear() {
    if (!empty()) {
        std::fill(counts_.get() + layout_.index_of(min_), counts_.get() + layout_.index_of(max_) + 1,
                  std::uint64_t{0});
    }
    count_ = 0;
    saturated_ = 0;
    min_ = 0;
    max_ = 0;
    sum_ = 0;
}

std::optional<Duration> Histogram::min() const {
    if (empty()) return std::nullopt;
    return Duration(min_);
}

std::optional<Duration> Histogram::max() const {
    if (empty()) return std::nullopt;
    return Duration(max_);
}

std::optional<Duration> Histogram::mean() const {
    if (empty()) return std::nullopt;
    return Duration(static_cast<std::int64_t>(std::llround(sum_ / static_cast<long double>(count_))));
}

std::optional<Duration> Histogram::percentile(double percent) const {
    if (empty()) return std::nullopt;
    if (!(percent > 0)) return min();
    if (percent >= 100) return max();
    // One step down, as HdrHistogram does: 99.9 % of 1,000 is the 999th value, although the product of the
    // doubles lies a hair above 999.
    const double rank = std::ceil(std::nextafter(percent, 0.0) / 100 * static_cast<double>(count_));
    const auto wanted = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(rank), 1, count_);
    const std::uint32_t last = layout_.index_of(max_);
    std::uint64_t seen = 0;
    for (std::uint32_t i = layout_.index_of(min_); i <= last; ++i) {
        seen += counts_[i];
        if (seen >= wanted) return Duration(std::min(layout_.highest_at(i), max_));
    }
    return max();
}

void Histogram::for_each(const std::function<void(std::uint32_t, std::uint64_t)>& visit) const {
    if (empty()) return;
    const std::uint32_t last = layout_.index_of(max_);
    for (std::uint32_t i = layout_.index_of(min_); i <= last; ++i) {
        if (counts_[i] != 0) visit(i, counts_[i]);
    }
}

}  // namespace milo_perf::stats
