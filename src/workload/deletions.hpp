#pragma once

#include <optional>
#include <string>
#include <vector>

#include "workload/execute.hpp"
#include "workload/identity.hpp"
#include "workload/journal.hpp"
#include "workload/source.hpp"

namespace milo_perf::workload {

/// A Project or an Organization to delete.
struct Deletable {
    std::string name;
    /// Of a Project: the Organization that it was created in; empty: the run's.
    std::string organization;
};

/// Deletes what is in Projects, and the Projects or Organizations themselves. Of each resource type one
/// request for the whole collection; where the server refuses that, a list and a delete of each object. Every
/// slot of the loop has one Deletable at a time. It must observe its own operations.
class Deletions final : public Source, public Observer {
  public:
    /// `contents` are the types of objects that go first, by this run's labels; `own` is the type of the
    /// Deletables, null when they stay.
    Deletions(const Identity& identity, SeriesOfPhase series, Journal& journal,
              std::vector<const ResourceType*> contents, const ResourceType* own, std::vector<Deletable> all);

    Next next(const load::Turn& turn) override;
    void object(const Operation& operation, boost::json::object& object) override;
    void ended(const Operation& operation, const Outcome& outcome) override;

    std::size_t size() const { return all_.size(); }
    /// How many are left although a delete was sent: Deletables, or, when they are to stay, those with
    /// something left in them.
    std::size_t refused() const { return refused_; }

  private:
    /// What a slot is doing.
    struct Lane {
        const Deletable* current = nullptr;
        /// The next of `contents_`; one more is the Deletable itself.
        std::size_t step = 0;
        /// The collection that is being emptied, or that the Deletable is in.
        std::optional<Collection> collection;
        /// The server has refused to delete it as a whole.
        bool list = false;
        /// What was listed and is not deleted yet.
        std::vector<std::string> names;
        std::string name;
        bool refused = false;
    };

    Operation operation(const Lane& lane, stats::Verb verb, std::uint32_t slot) const;
    Collection own_collection(const Deletable& deletable) const;
    /// Goes on to the next Deletable; false when there is none.
    bool advance(Lane& lane);

    const Identity& identity_;
    SeriesOfPhase series_;
    Journal& journal_;
    std::vector<const ResourceType*> contents_;
    const ResourceType* own_;
    std::vector<Deletable> all_;
    std::size_t next_ = 0;
    /// As many as there may be slots, so that none moves.
    std::vector<Lane> lanes_;
    std::size_t refused_ = 0;
};

}  // namespace milo_perf::workload
