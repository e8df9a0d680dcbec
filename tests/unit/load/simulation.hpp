#pragma once

#include <algorithm>
#include <functional>
#include <queue>
#include <vector>

#include "load/open_loop.hpp"
#include "stats/recorder.hpp"

/// Runs an open-loop phase against a server given as a function, in simulated time.
namespace milo_perf::simulation {

/// When the server answers what it gets at that time.
using Server = std::function<TimePoint(TimePoint sent)>;

/// Records every operation (planned to finished) and attempt (sent to finished) in `recorder`.
inline void run_open_loop(load::OpenLoop& open, const Server& server, TimePoint start,
                          stats::Recorder& recorder, stats::SeriesId id) {
    struct Flight {
        TimePoint finished;
        TimePoint planned;
        TimePoint sent;
        bool operator>(const Flight& other) const { return finished > other.finished; }
    };
    std::priority_queue<Flight, std::vector<Flight>, std::greater<>> flights;
    const auto land = [&] {
        const Flight flight = flights.top();
        flights.pop();
        open.finished();
        stats::Attempt attempt;
        attempt.planned = flight.planned;
        attempt.started = attempt.connected = flight.sent;
        attempt.first_byte = attempt.finished = flight.finished;
        attempt.reused = true;
        attempt.status = 201;
        recorder.attempt(id, attempt);
        recorder.operation_finished(id, flight.planned, flight.sent, flight.finished, true);
        return flight.finished;
    };
    using Action = load::OpenLoop::Action;
    for (TimePoint now = start;;) {
        while (!flights.empty() && flights.top().finished <= now) land();
        const auto step = open.next(now);
        switch (step.action) {
            case Action::send:
                if (step.late) recorder.late(id);
                recorder.operation_started(id, now);
                flights.push({server(now), *step.at, now});
                break;
            case Action::drop:
                recorder.dropped(id);
                break;
            case Action::wait_until:
            case Action::wait_for_slot:
                now = flights.empty() ? *step.at : std::min(*step.at, flights.top().finished);
                break;
            case Action::done:
                while (!flights.empty()) land();
                return;
        }
    }
}

}  // namespace milo_perf::simulation
