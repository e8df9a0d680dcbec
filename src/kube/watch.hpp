#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <string>

#include "kube/client.hpp"
#include "kube/watch_state.hpp"

namespace milo_perf::kube {

/// Called with the objects of a watched collection.
struct WatchHandlers {
    /// An object is there, or has changed; by list or by event.
    std::function<void(boost::json::object&)> on_object;
    /// An object is gone.
    std::function<void(boost::json::object&)> on_deleted;
    /// A list is complete: what it did not name is gone. Called after its objects.
    std::function<void()> on_listed;
    /// Worth reporting: a new list, a watch that ended early. One line.
    std::function<void(std::string)> on_notice;
};

struct WatchOptions {
    std::string path;
    std::string label_selector;
    /// The server ends each watch request after this (`timeoutSeconds`); the watch continues where it ended.
    Duration request_length = std::chrono::seconds(50);
    /// Longer silence than this means that the peer is dead.
    Duration silence = std::chrono::seconds(60);
    std::size_t max_line_bytes = 8 * 1024 * 1024;
    stats::SeriesId list_series;
    stats::SeriesId watch_series;
};

/// Follows a collection until cancelled: list, watch from its resource version with bookmarks, on 410 list
/// again, on any break go on from the last version, with back-off when nothing comes. Throws UserError when
/// the server refuses for good.
boost::asio::awaitable<void> follow(Client& client, WatchOptions options, WatchHandlers handlers);

}  // namespace milo_perf::kube
