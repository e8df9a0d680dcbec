#include "workload/deletions.hpp"

#include <boost/json/object.hpp>

#include "kube/json_path.hpp"

namespace milo_perf::workload {

Deletions::Deletions(const Identity& identity, SeriesOfPhase series, Journal& journal,
                     std::vector<const ResourceType*> contents, const ResourceType* own,
                     std::vector<Deletable> all)
    : identity_(identity),
      series_(std::move(series)),
      journal_(journal),
      contents_(std::move(contents)),
      own_(own),
      all_(std::move(all)),
      lanes_(all_.size()) {}

Operation Deletions::operation(const Lane& lane, stats::Verb verb, std::uint32_t slot) const {
    const Collection& collection = *lane.collection;
    return {.verb = verb,
            .collection = &collection,
            .index = slot,
            .name = lane.name,
            .label_selector = identity_.label_selector(),
            .series = series_.of(verb, collection.type())};
}

Collection Deletions::own_collection(const Deletable& deletable) const {
    if (own_ != &types::projects) return {*own_, Scope::root()};
    return Collection::projects_of(deletable.organization.empty() ? identity_.org_name()
                                                                  : deletable.organization);
}

bool Deletions::advance(Lane& lane) {
    if (lane.current != nullptr && lane.refused) ++refused_;
    lane = {};
    if (next_ == all_.size()) return false;
    lane.current = &all_[next_++];
    return true;
}

Source::Next Deletions::next(const load::Turn& turn) {
    Lane& lane = lanes_[turn.slot];
    if (lane.list) {
        lane.list = false;
        return Next::of(operation(lane, stats::Verb::list, turn.slot));
    }
    if (!lane.names.empty()) {
        lane.name = std::move(lane.names.back());
        lane.names.pop_back();
        return Next::of(operation(lane, stats::Verb::delete_, turn.slot));
    }
    const std::size_t steps = contents_.size() + (own_ != nullptr ? 1 : 0);
    if ((lane.current == nullptr || lane.step == steps) && !advance(lane)) return Next::done();
    const std::size_t step = lane.step++;
    if (step < contents_.size()) {
        lane.name.clear();
        lane.collection.emplace(*contents_[step], Scope::project(lane.current->name));
        return Next::of(operation(lane, stats::Verb::deletecollection, turn.slot));
    }
    lane.name = lane.current->name;
    lane.collection = own_collection(*lane.current);
    return Next::of(operation(lane, stats::Verb::delete_, turn.slot));
}

void Deletions::object(const Operation& operation, boost::json::object& object) {
    lanes_[operation.index].names.emplace_back(kube::text_at(object, {"metadata", "name"}));
}

void Deletions::ended(const Operation& operation, const Outcome& outcome) {
    Lane& lane = lanes_[operation.index];
    if (outcome.ending == Ending::done || outcome.ending == Ending::not_found) return;
    const bool failed = outcome.ending == Ending::failed;
    if (failed && operation.verb == stats::Verb::deletecollection) {
        lane.list = true;
        return;
    }
    if (failed) note_failure(journal_, operation, outcome);
    const bool itself = &operation.collection->type() == own_;
    if (itself || own_ == nullptr) lane.refused = true;
    // A list that was cut off says nothing about the rest.
    if (operation.verb == stats::Verb::list) lane.names.clear();
}

}  // namespace milo_perf::workload
