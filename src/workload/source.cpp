#include "workload/source.hpp"

#include <algorithm>

namespace milo_perf::workload {

using Next = Source::Next;

Next Each::next(const load::Turn& /*turn*/) {
    if (next_ == operations_.size()) return Next::done();
    return Next::of(operations_[next_++]);
}

Each engage(const Operation& model, std::span<const Collection> collections) {
    std::vector<Operation> operations(collections.size(), model);
    for (std::size_t i = 0; i < collections.size(); ++i) operations[i].collection = &collections[i];
    return Each(std::move(operations));
}

Next Fill::next(const load::Turn& /*turn*/) {
    while (index_ < count_) {
        if (collection_ == collections_.size()) {
            collection_ = 0;
            ++index_;
            continue;
        }
        const Collection& collection = collections_[collection_++];
        if (existing_.contains(collection, index_)) continue;
        Next given = Next::of(model_);
        given.item.collection = &collection;
        given.item.index = index_;
        return given;
    }
    return Next::done();
}

std::uint64_t Fill::size() const {
    std::uint64_t size = 0;
    for (const Collection& collection : collections_) {
        size += count_;
        for (std::uint32_t index = 0; index < count_; ++index) size -= existing_.contains(collection, index);
    }
    return size;
}

Next InOrder::next(const load::Turn& turn) {
    for (; current_ < sources_.size(); ++current_) {
        Next given = sources_[current_]->next(turn);
        if (given.kind != Next::Kind::done) return given;
    }
    return Next::done();
}

Next Steady::next(const load::Turn& turn) {
    const bool counted = span_.total > 0;
    if (counted ? count_ == span_.total : turn.now >= span_.until) return Next::done();
    const bool held = counted ? count_ >= span_.before : turn.now >= span_.from;
    ++count_;
    if (held) ++held_count_;
    Next given = Next::of(held ? held_ : lead_);
    given.item.collection = &place(turn.slot);
    given.item.index = next_index_++;
    return given;
}

const Collection& Steady::place(std::uint32_t slot) {
    const std::size_t number = slot / span_.slots_per_lane;
    if (lanes_.size() <= number) lanes_.resize(number + 1);
    Lane& lane = lanes_[number];
    if (lane.left == 0) {
        lane.collection = next_collection_++ % collections_.size();
        lane.left = span_.visit;
    }
    --lane.left;
    return collections_[lane.collection];
}

Next Draw::next(const load::Turn& /*turn*/) {
    const bool takes = model_.verb == stats::Verb::delete_;
    const auto object = takes ? registry_.take(random_) : registry_.draw(random_);
    if (!object) return Next::wait();
    Next given = Next::of(model_);
    given.item.collection = object->collection;
    given.item.index = object->index;
    return given;
}

Mix::Part* Mix::choose() {
    double sum = 0;
    for (const Part& part : parts_) sum += part.passed ? 0 : part.weight;
    double at = std::uniform_real_distribution<double>(0, sum)(random_);
    Part* last = nullptr;
    for (Part& part : parts_) {
        if (part.passed || part.weight <= 0) continue;
        last = &part;
        if (at < part.weight) break;
        at -= part.weight;
    }
    return last;
}

Next Mix::next(const load::Turn& turn) {
    if (left_ == 0 || turn.now >= until_) return Next::done();
    for (Part& part : parts_) part.passed = false;
    while (Part* part = choose()) {
        Next given = part->source->next(turn);
        if (given.kind == Next::Kind::item) {
            --left_;
            return given;
        }
        if (given.kind == Next::Kind::done) part->weight = 0;
        part->passed = true;
    }
    const bool waits =
        std::any_of(parts_.begin(), parts_.end(), [](const Part& part) { return part.weight > 0; });
    return waits ? Next::wait() : Next::done();
}

}  // namespace milo_perf::workload
