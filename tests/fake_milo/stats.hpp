#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace milo_perf::fake_milo {

/// What the server has seen and done since its start, or since reset_stats.
struct Stats {
    std::uint64_t connections_accepted = 0;
    std::uint64_t connections_open = 0;
    std::uint64_t peak_connections = 0;
    std::uint64_t handshakes = 0;
    std::uint64_t handshakes_failed = 0;
    std::uint64_t sessions_resumed = 0;
    /// Requests whose head was read, whatever became of them.
    std::uint64_t requests = 0;
    /// The same by Kubernetes' verb and resource: "create secrets", "list projects", "get version", …
    std::map<std::string, std::uint64_t> requests_by_kind;
    /// Whole answers sent, by status; watches count when their head is sent.
    std::map<int, std::uint64_t> statuses;
    /// Creates that stored an object, by resource.
    std::map<std::string, std::uint64_t> created;
    /// Creates that found the object there, by resource.
    std::map<std::string, std::uint64_t> create_conflicts;
    /// Paths of objects that were stored more than once (deleted in between).
    std::vector<std::string> created_twice;
    /// Objects there now, by resource, over all scopes.
    std::map<std::string, std::uint64_t> objects;
    std::uint64_t watches_open = 0;
    std::uint64_t watch_events_sent = 0;

    std::uint64_t requests_of(const std::string& verb_and_resource) const {
        const auto found = requests_by_kind.find(verb_and_resource);
        return found == requests_by_kind.end() ? 0 : found->second;
    }
    std::uint64_t created_of(const std::string& resource) const {
        const auto found = created.find(resource);
        return found == created.end() ? 0 : found->second;
    }
    std::uint64_t objects_of(const std::string& resource) const {
        const auto found = objects.find(resource);
        return found == objects.end() ? 0 : found->second;
    }
};

}  // namespace milo_perf::fake_milo
