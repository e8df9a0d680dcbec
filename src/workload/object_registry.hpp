#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <unordered_map>
#include <vector>

#include "workload/execute.hpp"
#include "workload/operation.hpp"

namespace milo_perf::workload {

/// The objects that are known to be there, by collection and number: what creates have acknowledged, or a
/// list has shown. Collections outlive it. No I/O.
class ObjectRegistry {
  public:
    struct Known {
        const Collection* collection = nullptr;
        std::uint32_t index = 0;
    };

    /// An object is there; once more changes nothing.
    void add(const Collection& collection, std::uint32_t index);
    /// Any object, each as likely as the others; empty when none is there.
    std::optional<Known> draw(std::minstd_rand& random) const;
    /// The same, and it is not there any more.
    std::optional<Known> take(std::minstd_rand& random);

    bool contains(const Collection& collection, std::uint32_t index) const;
    std::size_t count(const Collection& collection) const;
    std::size_t size() const { return known_.size(); }

  private:
    std::vector<Known> known_;
    std::unordered_map<const Collection*, std::vector<bool>> by_collection_;
};

/// Keeps a registry up to date with what operations do: creates add, deletes that failed or were given up put
/// back.
class RegistryObserver : public Observer {
  public:
    explicit RegistryObserver(ObjectRegistry& registry) : registry_(registry) {}

    void ended(const Operation& operation, const Outcome& outcome) override;
    void dropped(const Operation& operation) override;

  private:
    ObjectRegistry& registry_;
};

}  // namespace milo_perf::workload
