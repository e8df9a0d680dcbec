#pragma once

#include <map>
#include <string>

#include "results/model.hpp"
#include "workload/ending.hpp"

namespace milo_perf::workload {

/// What was wanted and what came of it, by resource.
class Tallies {
  public:
    results::ObjectCount& at(const std::string& resource) { return counts_[resource]; }
    const std::map<std::string, results::ObjectCount>& all() const { return counts_; }

    /// Counts one create that has ended; one that was cancelled counts as nothing.
    static void count(results::ObjectCount& into, Ending ending) {
        if (ending == Ending::done) {
            ++into.created;
        } else if (ending == Ending::existing) {
            ++into.existing;
        } else if (ending != Ending::cancelled) {
            ++into.failed;
        }
    }

  private:
    std::map<std::string, results::ObjectCount> counts_;
};

}  // namespace milo_perf::workload
