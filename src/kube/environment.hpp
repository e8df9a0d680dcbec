#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace milo_perf::kube {

/// Environment variables by name.
using Environment = std::map<std::string, std::string, std::less<>>;

/// The variables of this process.
Environment process_environment();

/// The value of a variable; empty when it is not set.
std::string_view variable(const Environment& environment, std::string_view name);

}  // namespace milo_perf::kube
