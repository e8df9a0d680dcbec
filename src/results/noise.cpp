#include "results/noise.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "results/names.hpp"

namespace milo_perf::results {

namespace {

/// When the load ended that was the last one before a snapshot; empty when there was none.
std::optional<double> load_end(const Run& run, const Snapshot& snapshot) {
    std::optional<double> end;
    for (const Phase& phase : run.phases) {
        const bool load = phase.name == name_of(PhaseName::organization).json ||
                          phase.name == name_of(PhaseName::projects).json ||
                          phase.name == name_of(PhaseName::objects).json;
        if (!load || phase.offset_seconds >= snapshot.offset_seconds) continue;
        end = std::max(end.value_or(0), phase.offset_seconds + phase.duration_seconds.value_or(0));
    }
    return end;
}

}  // namespace

std::optional<double> sample_deviation(const Run& run, const Snapshot& snapshot, Quantity quantity) {
    const auto series = std::find_if(run.samples.begin(), run.samples.end(),
                                     [&](const SampledSeries& one) { return one.name == key(quantity); });
    if (series == run.samples.end()) return std::nullopt;
    double begin = snapshot.offset_seconds - snapshot.window_seconds;
    const auto end = load_end(run, snapshot);
    if (end) begin = std::max(begin, *end + snapshot.window_seconds);
    std::vector<double> values;
    for (std::size_t i = 0; i < series->values.size() && i < series->offsets_seconds.size(); ++i) {
        const double offset = series->offsets_seconds[i];
        if (offset < begin || offset > snapshot.offset_seconds || !series->values[i]) continue;
        values.push_back(*series->values[i]);
    }
    if (values.size() < least_samples) return std::nullopt;
    double mean = 0;
    for (const double one : values) mean += one / static_cast<double>(values.size());
    double squares = 0;
    for (const double one : values) squares += (one - mean) * (one - mean);
    return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace milo_perf::results
