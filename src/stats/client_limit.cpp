#include "stats/client_limit.hpp"

namespace milo_perf::stats {

std::string_view to_string(ClientLimit limit) {
    switch (limit) {
        case ClientLimit::saturated:
            return "saturated";
        case ClientLimit::starved:
            return "starved";
        case ClientLimit::none:
            break;
    }
    return "none";
}

ClientLimit client_limit(const ClientInterval& interval) {
    const double cpu_share = to_seconds(interval.cpu) / to_seconds(interval.wall);
    if (cpu_share >= saturation_limit) return ClientLimit::saturated;
    if (interval.lag_p99 <= lag_limit) return ClientLimit::none;
    const bool waited = interval.run_delay ? *interval.run_delay >= interval.lag_p99 : cpu_share < 0.5;
    return waited ? ClientLimit::starved : ClientLimit::saturated;
}

}  // namespace milo_perf::stats
