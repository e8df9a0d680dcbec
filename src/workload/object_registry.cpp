#include "workload/object_registry.hpp"

#include <algorithm>

namespace milo_perf::workload {

namespace {

std::size_t any(std::size_t size, std::minstd_rand& random) {
    return std::uniform_int_distribution<std::size_t>(0, size - 1)(random);
}

}  // namespace

void ObjectRegistry::add(const Collection& collection, std::uint32_t index) {
    std::vector<bool>& present = by_collection_[&collection];
    if (present.size() <= index) present.resize(index + std::size_t{1});
    if (present[index]) return;
    present[index] = true;
    known_.push_back({&collection, index});
}

std::optional<ObjectRegistry::Known> ObjectRegistry::draw(std::minstd_rand& random) const {
    if (known_.empty()) return std::nullopt;
    return known_[any(known_.size(), random)];
}

std::optional<ObjectRegistry::Known> ObjectRegistry::take(std::minstd_rand& random) {
    if (known_.empty()) return std::nullopt;
    Known& place = known_[any(known_.size(), random)];
    const Known taken = place;
    place = known_.back();
    known_.pop_back();
    by_collection_.at(taken.collection)[taken.index] = false;
    return taken;
}

bool ObjectRegistry::contains(const Collection& collection, std::uint32_t index) const {
    if (known_.empty()) return false;
    const auto found = by_collection_.find(&collection);
    return found != by_collection_.end() && index < found->second.size() && found->second[index];
}

std::size_t ObjectRegistry::count(const Collection& collection) const {
    const auto found = by_collection_.find(&collection);
    if (found == by_collection_.end()) return 0;
    return static_cast<std::size_t>(std::count(found->second.begin(), found->second.end(), true));
}

void RegistryObserver::ended(const Operation& operation, const Outcome& outcome) {
    const bool there = outcome.ending == Ending::done || outcome.ending == Ending::existing;
    const bool kept = outcome.ending == Ending::failed || outcome.ending == Ending::cancelled;
    if ((operation.verb == stats::Verb::create && there) || (operation.verb == stats::Verb::delete_ && kept))
        registry_.add(*operation.collection, operation.index);
}

void RegistryObserver::dropped(const Operation& operation) {
    if (operation.verb == stats::Verb::delete_) registry_.add(*operation.collection, operation.index);
}

}  // namespace milo_perf::workload
