#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "metrics/availability.hpp"
#include "metrics/client.hpp"
#include "metrics/queries.hpp"
#include "metrics/sample_grid.hpp"
#include "results/model.hpp"

namespace milo_perf::metrics {

/// Follows series in VictoriaMetrics over a run. It asks for what is new since its last success, and at the
/// end once more for everything, so an outage of VictoriaMetrics leaves gaps only where it has no data.
/// Nothing that happens there ends it.
class Sampler {
  public:
    using OnEvent = std::function<void(std::string message)>;

    /// `origin_wall` is the start of the run; `on_event` is told once when VictoriaMetrics goes away, once
    /// when it is back, and once for each query that it refuses. `server` must live longer.
    /// It begins `lead_seconds` before the start, with what VictoriaMetrics has of the time before the
    /// baseline.
    Sampler(VictoriaMetrics& server, std::vector<SampleQuery> queries, double sample_seconds,
            WallTime origin_wall, OnEvent on_event, double lead_seconds = 0);

    /// Samples until it is cancelled, which ends it with operation_aborted.
    boost::asio::awaitable<void> run();

    /// Fetches what is missing up to now and fills gaps; call it once, after run() has ended. Begins no
    /// request later than 30 s after its start.
    boost::asio::awaitable<void> finish();

    /// What there is so far: by query in their order, then by labels.
    std::vector<results::SampledSeries> series() const;

  private:
    struct Followed {
        SampleQuery query;
        SampleGrid grid;
        /// Which of the query's alternatives has data, once known.
        std::optional<std::size_t> chosen;
        bool refusal_told = false;
        bool overflow_told = false;
    };

    /// Fetches of every query what there is up to `end_seconds`. False when the server answered nothing.
    boost::asio::awaitable<bool> round(double end_seconds);
    boost::asio::awaitable<QueryResult> fetch(Followed& followed, SampleGrid::Span span);
    boost::asio::awaitable<QueryStatus> follow(Followed& followed, SampleGrid::Span span);
    /// The points that range queries hide, by instant queries.
    boost::asio::awaitable<QueryStatus> fetch_hidden(Followed& followed, double end_seconds);
    boost::asio::awaitable<bool> learn_clock();
    void tell(const std::optional<std::string>& message);
    void tell_about(Followed& followed, const QueryResult& result);
    double latency_offset() const { return clock_ ? clock_->latency_offset_seconds : 0; }
    /// The server's clock minus ours, in whole seconds: less is noise of the measurement.
    double skew() const;

    VictoriaMetrics& server_;
    std::vector<Followed> followed_;
    double sample_seconds_;
    /// Whole steps, so that the start of the run is a point.
    double lead_seconds_ = 0;
    OnEvent on_event_;
    Availability availability_;
    std::optional<ServerClock> clock_;
    /// What the newest query without an answer failed of.
    std::string last_reason_;
};

}  // namespace milo_perf::metrics
