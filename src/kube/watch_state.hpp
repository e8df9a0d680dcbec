#pragma once

#include <boost/json/fwd.hpp>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace milo_perf::kube {

/// Cuts a watch's byte stream into its lines, one JSON event each, across any borders of reads.
class LineSplitter {
  public:
    explicit LineSplitter(std::size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

    /// Takes bytes; whole lines are added to `lines`. False when a line is longer than the limit.
    bool feed(std::string_view bytes, std::vector<std::string>& lines);

  private:
    std::size_t max_line_bytes_;
    std::string partial_;
};

/// What one line of a watch means for the list that it continues.
struct WatchEvent {
    enum class Kind { added, modified, deleted, bookmark, gone, error, malformed };
    Kind kind = Kind::malformed;
    /// The server's message with `gone` and `error`.
    std::string message;
};

/// The state of a list followed by watches (Kubernetes API concepts, "Efficient detection of changes"): which
/// resource version to go on from, and when a new list is needed.
class WatchState {
  public:
    /// When there is no list to go on from, or the server has forgotten it.
    bool needs_list() const { return resource_version_.empty(); }
    const std::string& resource_version() const { return resource_version_; }

    void listed(std::string_view resource_version) { resource_version_ = resource_version; }

    /// Judges one line: moves the resource version on, or forgets it on 410 Gone. The
    /// event's object is put into `object` for added, modified, deleted and bookmark.
    WatchEvent on_line(std::string_view line, boost::json::object& object);

    /// The answer to the watch request itself was 410.
    void on_gone() { resource_version_.clear(); }

  private:
    std::string resource_version_;
};

}  // namespace milo_perf::kube
