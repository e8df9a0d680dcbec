#pragma once

#include <boost/json/value.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

namespace milo_perf::kube {

/// Why a text could not be read: a clause that repeats nothing of the text, which can hold secrets.
class YamlProblem : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Reads YAML, or JSON, as kubectl does (sigs.k8s.io/yaml, YAML 1.1): `yes`, `on` and `True` are booleans,
/// merge keys (`<<`) are expanded, of duplicate keys the last one counts, and only the first document is
/// read. Keys that are numbers or booleans become texts, and so do timestamps. Null for an empty text. Throws
/// YamlProblem.
boost::json::value yaml_to_json(std::string_view text);

}  // namespace milo_perf::kube
