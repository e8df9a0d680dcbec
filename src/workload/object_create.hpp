#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "workload/context.hpp"
#include "workload/object_kind.hpp"

namespace milo_perf::workload {

/// One kind of object with the accounts in which its creates are kept.
struct ObjectSeries {
    /// Series `phase`/create and `phase`/get of the kind's resource.
    ObjectSeries(const Context& context, ObjectKind made, std::string_view phase);

    ObjectKind kind;
    stats::SeriesId series;
    /// For the look at an object that is there already.
    stats::SeriesId get_series;
    results::ObjectCount& tally;
};

/// The texts of one create; a worker uses them again and again.
struct ObjectTexts {
    std::string name;
    std::string body;
    std::string object_path;
};

/// Creates the `index`-th object of its kind in a collection, and counts it. `planned` is when it was due
/// (epoch: now). Empty when it was cancelled. All arguments live until it has ended.
boost::asio::awaitable<std::optional<kube::Creation>> create_object(const Context& context,
                                                                    const ObjectSeries& series,
                                                                    const std::string& collection,
                                                                    std::uint32_t index, TimePoint planned,
                                                                    ObjectTexts& texts);

}  // namespace milo_perf::workload
