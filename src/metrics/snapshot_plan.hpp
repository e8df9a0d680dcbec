#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "metrics/queries.hpp"
#include "metrics/response.hpp"

namespace milo_perf::metrics {

/// Which label variant a figure is taken from, by their values in the order of label_variants(): the first
/// that has a value other than 0, else the first that has one. Empty when none has.
std::optional<std::size_t> choose_variant(std::span<const std::optional<double>> values);

/// How many samples stand in a window.
struct SampleCount {
    /// Over all series.
    std::uint64_t total = 0;
    /// In the series that has most.
    std::uint64_t most = 0;
    std::size_t series = 0;

    /// The window over the samples of the fullest series; empty below two.
    std::optional<double> scrape_interval(double window_seconds) const;
};

/// From the answer to count_query().
SampleCount sample_count(const QueryResult& counts);

/// Whether the samples of a window's end can be seen yet. It asks for the newest visible sample until that
/// is as new as the end of the window, or patience is over. Times are seconds of the server's clock.
class FreshnessWait {
  public:
    /// `patience_seconds` counts from `wanted_end`; a scrape interval is added once it is known.
    FreshnessWait(double wanted_end, double patience_seconds)
        : wanted_end_(wanted_end), patience_seconds_(patience_seconds) {}

    /// Longest wait for a server that gives no answer.
    static constexpr double unavailable_patience_seconds = 15;
    /// Between two looks.
    static constexpr double pause_seconds = 1;

    enum class Step { look_again, evaluate, give_up };

    /// After a look at `now`. `newest` is the oldest of the figures' newest visible samples; empty when
    /// there is no series at all, which no waiting mends.
    Step looked(double now, std::optional<double> newest);
    /// After a look that the server did not answer.
    Step unanswered(double now);

    void scrape_interval(double seconds) { scrape_interval_seconds_ = seconds; }

  private:
    double wanted_end_;
    double patience_seconds_;
    double scrape_interval_seconds_ = 0;
};

/// True when something that ended at `last_load_end` lies in the window that ends at `end`. Seconds of one
/// clock.
bool reaches_into_load(double end, double window_seconds, std::optional<double> last_load_end);

/// Why a figure of an answering server is missing: no series at all, or too few samples in the window.
std::string missing_reason(Figure figure, const Source& source, std::optional<double> newest_age_seconds);

}  // namespace milo_perf::metrics
