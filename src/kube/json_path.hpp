#pragma once

#include <boost/json/fwd.hpp>
#include <initializer_list>
#include <string_view>

namespace milo_perf::kube {

/// The object under a path of keys; null when there is none.
const boost::json::object* object_at(const boost::json::object& root,
                                     std::initializer_list<std::string_view> path);

/// The text under a path of keys, e.g. {"metadata", "name"}; empty when there is none. Lives as long as the
/// object.
std::string_view text_at(const boost::json::object& root, std::initializer_list<std::string_view> path);

}  // namespace milo_perf::kube
