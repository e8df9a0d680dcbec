#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "load/driver.hpp"
#include "workload/object_registry.hpp"
#include "workload/operation.hpp"

namespace milo_perf::workload {

/// Says which operation comes next: a source of load/driver.hpp. No I/O, no clock of its own.
class Source {
  public:
    using Next = load::Next<Operation>;

    virtual ~Source() = default;
    virtual Next next(const load::Turn& turn) = 0;
};

/// Each of the given operations once, in their order.
class Each final : public Source {
  public:
    explicit Each(std::vector<Operation> operations) : operations_(std::move(operations)) {}

    Next next(const load::Turn& turn) override;
    std::size_t size() const { return operations_.size(); }

  private:
    std::vector<Operation> operations_;
    std::size_t next_ = 0;
};

/// `model` once in every collection: what makes an apiserver begin to serve (and cache) a resource type of a
/// Project.
Each engage(const Operation& model, std::span<const Collection> collections);

/// The objects 0 to `count` - 1 in each collection, number by number, going round the collections; those that
/// the registry has are left out. Everything else is as in `model`.
class Fill final : public Source {
  public:
    Fill(const Operation& model, std::span<const Collection> collections, std::uint32_t count,
         const ObjectRegistry& existing)
        : model_(model), collections_(collections), count_(count), existing_(existing) {}

    Next next(const load::Turn& turn) override;
    /// How many it gives in all.
    std::uint64_t size() const;

  private:
    Operation model_;
    std::span<const Collection> collections_;
    std::uint32_t count_;
    const ObjectRegistry& existing_;
    std::size_t collection_ = 0;
    std::uint32_t index_ = 0;
};

/// All of one source, then all of the next.
class InOrder final : public Source {
  public:
    explicit InOrder(std::vector<Source*> sources) : sources_(std::move(sources)) {}

    Next next(const load::Turn& turn) override;

  private:
    std::vector<Source*> sources_;
    std::size_t current_ = 0;
};

/// Where a steady source ends, and from where on its operations count.
struct SteadySpan {
    /// By number, when `total` is above 0: the first `before` lead up to the others.
    std::uint64_t before = 0;
    std::uint64_t total = 0;
    /// By time, otherwise.
    TimePoint from;
    TimePoint until;
    /// Slots with consecutive numbers share a lane. A lane stays in one collection for `visit` operations,
    /// then takes the next one in turn, round and round.
    std::uint32_t slots_per_lane = 1;
    std::uint32_t visit = 1;
};

/// Operations on ever new objects until a time or a count, first as `lead`, then as `held`. Objects are
/// numbered from `next_index` on, which is moved.
class Steady final : public Source {
  public:
    Steady(const Operation& lead, const Operation& held, std::span<const Collection> collections,
           const SteadySpan& span, std::uint32_t& next_index)
        : lead_(lead), held_(held), collections_(collections), span_(span), next_index_(next_index) {}

    Next next(const load::Turn& turn) override;
    /// Operations given as `held`.
    std::uint64_t held() const { return held_count_; }

  private:
    struct Lane {
        std::size_t collection = 0;
        std::uint32_t left = 0;
    };

    const Collection& place(std::uint32_t slot);

    Operation lead_;
    Operation held_;
    std::span<const Collection> collections_;
    SteadySpan span_;
    std::uint32_t& next_index_;
    std::vector<Lane> lanes_;
    std::size_t next_collection_ = 0;
    std::uint64_t count_ = 0;
    std::uint64_t held_count_ = 0;
};

/// `model` on objects that the registry has, each as likely as the others; a delete takes its object out.
/// Waits while there is none; never done.
class Draw final : public Source {
  public:
    Draw(const Operation& model, ObjectRegistry& registry, std::uint32_t seed)
        : model_(model), registry_(registry), random_(seed) {}

    Next next(const load::Turn& turn) override;

  private:
    Operation model_;
    ObjectRegistry& registry_;
    std::minstd_rand random_;
};

/// Operations of several sources in a random order, each source as often as its weight says. One that waits
/// is passed over, one that is done is left out. Ends after `count` operations, at `until`, or with its last
/// source.
class Mix final : public Source {
  public:
    struct Part {
        /// Above 0; 0 once the source is done.
        double weight = 1;
        Source* source = nullptr;
        /// Has nothing for the present turn.
        bool passed = false;
    };

    Mix(std::vector<Part> parts, std::uint32_t seed, std::uint64_t count = ~std::uint64_t{0},
        TimePoint until = TimePoint::max())
        : parts_(std::move(parts)), random_(seed), left_(count), until_(until) {}

    Next next(const load::Turn& turn) override;

  private:
    /// One that is not passed over; null when all are.
    Part* choose();

    std::vector<Part> parts_;
    std::minstd_rand random_;
    std::uint64_t left_;
    TimePoint until_;
};

}  // namespace milo_perf::workload
