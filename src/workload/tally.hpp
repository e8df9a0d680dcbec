#pragma once

#include <map>
#include <string>

#include "kube/client.hpp"
#include "results/model.hpp"

namespace milo_perf::workload {

/// What was wanted and what came of it, by resource.
class Tallies {
  public:
    results::ObjectCount& at(const std::string& resource) { return counts_[resource]; }
    const std::map<std::string, results::ObjectCount>& all() const { return counts_; }

    /// Counts one create.
    static void count(results::ObjectCount& into, kube::Creation creation) {
        switch (creation) {
            case kube::Creation::created:
                ++into.created;
                break;
            case kube::Creation::existing:
                ++into.existing;
                break;
            case kube::Creation::failed:
                ++into.failed;
                break;
        }
    }

  private:
    std::map<std::string, results::ObjectCount> counts_;
};

}  // namespace milo_perf::workload
