#pragma once

#include <boost/json/fwd.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "results/model.hpp"
#include "stats/histogram.hpp"
#include "workload/ending.hpp"
#include "workload/identity.hpp"

namespace milo_perf::workload {

/// What is known of one Project of the run. Unset points in time have not come.
struct ProjectState {
    std::string name;
    /// How its create ended.
    std::optional<Ending> creation;
    std::optional<TimePoint> create_sent;
    std::optional<TimePoint> create_acknowledged;
    std::optional<TimePoint> ready_seen;
    /// `lastTransitionTime` of its Ready condition: whole seconds, the server's clock.
    std::optional<WallTime> ready_by_server;
    bool deleted = false;
    std::string reason;

    bool there() const { return creation && *creation != Ending::failed && !deleted; }
    bool ready() const { return there() && ready_seen.has_value(); }
};

/// The Projects of a run and their readiness, fed by creates and by the watch; no I/O.
class ProjectRegistry {
  public:
    ProjectRegistry(const Identity& identity, std::uint32_t count);

    const std::vector<ProjectState>& projects() const { return projects_; }
    ProjectState& at(std::size_t index) { return projects_[index]; }

    /// A create has ended; `reason` is why it failed.
    void created(std::size_t index, Ending creation, TimePoint sent, TimePoint acknowledged,
                 std::string reason);

    /// A Project that was there before this program started: it counts as existing, and its times are
    /// unknown.
    void adopt(const boost::json::object& project, TimePoint now);

    /// A Project as the list or the watch shows it. A Ready that was seen is not taken back: events may come
    /// twice or out of order.
    void observe(const boost::json::object& project, TimePoint now);
    /// True when it was one of this run's.
    bool observe_deleted(const boost::json::object& project);
    /// Before a list: after it, what was there and is not named any more is gone.
    void begin_list();
    /// The number of Projects that the list shows to be gone.
    std::size_t end_list();

    std::size_t ready_count() const { return ready_; }
    /// Created and neither Ready nor gone.
    std::size_t waiting_count() const;
    /// Deleted, though not by this run.
    std::size_t deleted_count() const;
    /// Those of them that had been Ready.
    std::size_t deleted_ready_count() const;
    std::vector<std::size_t> ready_indices() const;

    /// From the first create sent to the last Ready seen; empty unless every Project got Ready.
    std::optional<double> all_ready_seconds() const;

    std::vector<results::Project> to_results(TimePoint origin, WallTime origin_wall) const;
    results::Readiness readiness(double slo_seconds, TimePoint origin, WallTime origin_wall) const;

  private:
    std::vector<ProjectState> projects_;
    std::unordered_map<std::string, std::size_t> by_name_;
    std::vector<bool> listed_;
    std::size_t ready_ = 0;
};

/// The Ready condition of an object (Kubernetes API conventions, "Typical status properties").
struct ReadyCondition {
    bool ready = false;
    std::string reason;
    std::string message;
    std::optional<WallTime> last_transition;
};
std::optional<ReadyCondition> ready_condition(const boost::json::object& object);

}  // namespace milo_perf::workload
