#include "session/requirements.hpp"

#include <boost/asio/io_context.hpp>
#include <string>
#include <utility>

#include "base/error.hpp"
#include "load/rate_profile.hpp"
#include "metrics/server.hpp"
#include "results/files.hpp"
#include "results/thresholds.hpp"
#include "session/clusters.hpp"

namespace milo_perf::session {
namespace {

/// `attempt` throws UserError for what a run would refuse.
template <class Attempt>
Check checked(std::string subject, std::string good, Attempt attempt) {
    Check check{.subject = std::move(subject), .ok = true, .message = std::move(good)};
    try {
        attempt();
    } catch (const UserError& problem) {
        check.ok = false;
        check.message = problem.what();
    }
    return check;
}

/// Bound for a moment: whether the port is free is what a run would learn first.
void listen_once(const std::string& address) {
    boost::asio::io_context io(1);
    const metrics::MetricsServer listening(io.get_executor(), address, [] { return std::string(); });
}

}  // namespace

std::vector<Check> check_settings(const config::Settings& settings) {
    std::vector<Check> checks;
    if (!settings.thresholds.empty())
        checks.push_back(checked("THRESHOLDS", "each names a figure, with a unit that fits it",
                                 [&] { results::parse_thresholds(settings.thresholds); }));
    if (!settings.ramp.empty())
        checks.push_back(
            checked("RAMP", "its stages can be read", [&] { load::RateProfile::parse(settings.ramp); }));
    if (!settings.metrics_listen.empty())
        checks.push_back(
            checked("METRICS_LISTEN", "the port is free", [&] { listen_once(settings.metrics_listen); }));
    if (const Result<> limits = ensure_limits(most_in_flight(settings)); !limits)
        checks.push_back({.subject = "limits", .ok = false, .message = limits.error().sentence});
    return checks;
}

void require_settings(const config::Settings& settings) {
    for (const Check& check : check_settings(settings)) {
        if (!check.ok) throw UserError(check.message);
    }
    metrics::load_sample_queries(source_of(settings), settings.sample_queries);
    boost::asio::io_context io(1);
    const metrics::VictoriaMetrics server(io.get_executor(), server_of(settings, {}));
    // Nothing is begun yet: it is the knob that cannot be used.
    if (const Result<> writable = results::check_folder(settings.out_dir); !writable)
        throw UserError(writable.error().sentence);
}

}  // namespace milo_perf::session
