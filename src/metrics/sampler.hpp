#pragma once

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "metrics/availability.hpp"
#include "metrics/client.hpp"
#include "metrics/queries.hpp"
#include "metrics/sample_grid.hpp"
#include "results/model.hpp"

namespace milo_perf::metrics {

/// Follows series in VictoriaMetrics over a run. It asks for what is new since its last success, so an
/// outage of VictoriaMetrics that kept its data leaves no gap. Nothing that happens there ends it.
class Sampler {
  public:
    using OnEvent = std::function<void(std::string message)>;

    /// `origin_wall` is the start of the run; `on_event` is told once when VictoriaMetrics goes away, once
    /// when it is back, and once for each query that it refuses. `server` must live longer.
    Sampler(VictoriaMetrics& server, std::vector<SampleQuery> queries, double sample_seconds,
            WallTime origin_wall, OnEvent on_event);

    /// Samples until it is cancelled, which ends it with operation_aborted.
    boost::asio::awaitable<void> run();

    /// Fetches what is missing up to now; call it once, after run() has ended. Bounded by 30 s.
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
        std::size_t unanswered = 0;
    };

    boost::asio::awaitable<void> round(bool last);
    boost::asio::awaitable<QueryStatus> follow(Followed& followed, double end_seconds);
    boost::asio::awaitable<void> fetch_tail(Followed& followed, double end_seconds);
    boost::asio::awaitable<void> learn_clock();
    double origin_seconds() const;
    void tell_refusal(Followed& followed, const std::string& reason);

    VictoriaMetrics& server_;
    std::vector<Followed> followed_;
    double sample_seconds_;
    WallTime origin_wall_;
    OnEvent on_event_;
    Availability availability_;
    std::optional<ServerClock> clock_;
    std::string last_reason_;
};

}  // namespace milo_perf::metrics
