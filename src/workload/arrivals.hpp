#pragma once

#include "config/settings.hpp"
#include "load/arrival_schedule.hpp"

namespace milo_perf::workload {

/// `count` planned starts by the knobs ARRIVAL and SEED.
inline load::ArrivalSchedule schedule_of(const config::Settings& settings, load::RateProfile profile,
                                         TimePoint start, std::uint64_t count, std::uint64_t burst = 0) {
    const load::Arrival arrival =
        settings.arrival == config::Arrival::poisson ? load::Arrival::poisson : load::Arrival::uniform;
    return {std::move(profile), arrival, settings.seed, start, count, burst};
}

}  // namespace milo_perf::workload
