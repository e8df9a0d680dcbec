#pragma once

#include <cstdint>
#include <utility>
#include <vector>

namespace milo_perf::stats {

/// Counts by a small set of keys (statuses, causes): a flat list, since a handful of keys is found faster so
/// than in any tree or hash. Room for 32 keys is there from the start; up to that counting does not allocate.
template <class Key>
class Tally {
  public:
    Tally() { entries_.reserve(32); }

    void add(const Key& key, std::uint64_t times = 1) {
        for (auto& [known, count] : entries_) {
            if (known == key) {
                count += times;
                return;
            }
        }
        entries_.emplace_back(key, times);
    }

    std::uint64_t operator[](const Key& key) const {
        for (const auto& [known, count] : entries_) {
            if (known == key) return count;
        }
        return 0;
    }

    /// In the order of first appearance.
    const std::vector<std::pair<Key, std::uint64_t>>& entries() const { return entries_; }

  private:
    std::vector<std::pair<Key, std::uint64_t>> entries_;
};

}  // namespace milo_perf::stats
