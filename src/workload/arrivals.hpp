#pragma once

#include "config/settings.hpp"
#include "load/arrival_schedule.hpp"

namespace milo_perf::workload {

/// The knob ARRIVAL as schedules take it.
inline load::Arrival arrival_of(const config::Settings& settings) {
    return settings.arrival == config::Arrival::poisson ? load::Arrival::poisson : load::Arrival::uniform;
}

}  // namespace milo_perf::workload
