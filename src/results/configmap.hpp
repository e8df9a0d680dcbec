#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "results/files.hpp"
#include "results/model.hpp"

/// The copy of a run's results that fits into a ConfigMap.
namespace milo_perf::results {

/// A ConfigMap's data may have 1 MiB and an object some 1.5 MiB in etcd; what is left over is for metadata,
/// managed fields and the other keys.
inline constexpr std::size_t configmap_limit_bytes = (std::size_t{1} << 20) - (std::size_t{64} << 10);

/// Bytes of a text as a JSON string, quotes included: it travels and is stored so.
std::size_t json_string_size(std::string_view text);

struct ConfigMapCopy {
    std::string results_json;
    /// Empty when no report fits beside the results.
    std::string report_html;
    /// Whether anything was left out; the copy then says so itself (`thinned` and a warning).
    bool thinned = false;
    /// JSON-escaped size of both.
    std::size_t bytes = 0;
};

/// The whole run if it fits, else thinned step by step until it does: samples and time line halved again and
/// again (first, last and the phases' ends stay), Projects cut down to the never Ready, the slowest and an
/// even spread, then events, warnings and settings' texts shortened, histograms and the report left out, and
/// at last all but the replaced runner's keys. Always reaches a limit of 64 KiB and more. `render_html` is
/// called with each candidate; when it throws, the copy has no report.
ConfigMapCopy fit_configmap(const Run& run, const RenderHtml& render_html,
                            std::size_t limit_bytes = configmap_limit_bytes);

}  // namespace milo_perf::results
