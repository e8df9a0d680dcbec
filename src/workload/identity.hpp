#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace milo_perf::workload {

inline constexpr std::string_view app_label = "milo-perf";
inline constexpr std::string_view test_id_label = "test-id";

/// The names and labels of a run's objects; the labels find everything of a run again.
class Identity {
  public:
    /// `org_name` empty: `perf-{test_id}`.
    Identity(std::string test_id, std::string org_name, std::uint32_t num_projects);

    const std::string& test_id() const { return test_id_; }
    const std::string& org_name() const { return org_name_; }
    /// `app=milo-perf,test-id={test_id}`
    const std::string& label_selector() const { return label_selector_; }
    /// The label that makes an object this run's.
    std::pair<std::string_view, std::string_view> owner_label() const { return {test_id_label, test_id_}; }

    /// `{org}-p-{index}`, the index with three digits at least.
    std::string project_name(std::uint32_t index) const;

    /// `"labels":{…}` of every object of the run.
    std::string labels_json() const;

  private:
    std::string test_id_;
    std::string org_name_;
    std::string label_selector_;
    int digits_;
};

/// 8 random hex digits.
std::string random_test_id();

}  // namespace milo_perf::workload
