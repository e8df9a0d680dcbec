#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "workload/context.hpp"

namespace milo_perf::workload {

struct CleanupReport {
    std::uint64_t projects_deleted = 0;
    bool organization_deleted = false;
    /// Still there at the deadline, or refused.
    std::uint64_t projects_left = 0;
    bool organization_left = false;

    bool complete() const { return projects_left == 0 && !organization_left; }
};

/// Deletes the run's Secrets in these Projects, a few Projects at a time. Returns in how many
/// Projects some are left; refusals stand in the journal.
boost::asio::awaitable<std::size_t> delete_secrets_of(const Context& context,
                                                      std::vector<std::string> projects);

/// Removes everything that carries the run's labels: the objects of its Projects, the Projects, and, once
/// they are really gone, the Organization. Safe to run twice. Refusals stand in the journal.
boost::asio::awaitable<CleanupReport> clean_up(const Context& context);

}  // namespace milo_perf::workload
