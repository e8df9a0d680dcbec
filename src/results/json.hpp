#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "results/model.hpp"

/// `results.json`: the model of a run as text and back.
namespace milo_perf::results {

/// Larger files are refused: a run of 100,000 Projects stays below a quarter of it.
inline constexpr std::size_t max_json_bytes = std::size_t{256} << 20;

/// The run as JSON, keys in the model's order (those of the replaced runner first), one top-level key per
/// line and one line per element of a top-level array. Ends with a line feed. Bytes that are no UTF-8 become
/// U+FFFD, figures that are not finite null.
std::string to_json(const Run& run);

/// Reads what to_json wrote, also of another version: unknown keys are ignored, missing ones keep their
/// default. The replaced runner's own files are read too (they hold the first group of keys only). Throws
/// UserError, with one sentence that names `source_name` and the key, for text that is no JSON, no results
/// of a run, or has a value of the wrong type.
Run from_json(std::string_view text, std::string_view source_name);

}  // namespace milo_perf::results
