#include "kube/watch_state.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "kube/json_path.hpp"

namespace milo_perf::kube {
namespace json = boost::json;

bool LineSplitter::feed(std::string_view bytes, std::vector<std::string>& lines) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const std::string_view part = bytes.substr(0, end);
        if (partial_.size() + part.size() > max_line_bytes_) return false;
        partial_.append(part);
        if (end == std::string_view::npos) break;
        if (!partial_.empty()) lines.push_back(std::move(partial_));
        partial_.clear();
        bytes.remove_prefix(end + 1);
    }
    return true;
}

WatchEvent WatchState::on_line(std::string_view line, json::object& object) {
    using Kind = WatchEvent::Kind;
    boost::system::error_code error;
    json::value parsed = json::parse({line.data(), line.size()}, error);
    if (error || !parsed.is_object()) return {Kind::malformed, "a line that is no JSON object"};
    json::object& event = parsed.get_object();
    const std::string_view type = text_at(event, {"type"});
    json::value* body = event.if_contains("object");
    if (body == nullptr || !body->is_object()) return {Kind::malformed, "an event without an object"};
    if (type == "ERROR") {
        const json::value* code = body->get_object().if_contains("code");
        std::string message(text_at(body->get_object(), {"message"}));
        const bool gone = (code != nullptr && code->is_int64() && code->get_int64() == 410) ||
                          text_at(body->get_object(), {"reason"}) == "Expired" ||
                          text_at(body->get_object(), {"reason"}) == "Gone";
        if (!gone) return {Kind::error, std::move(message)};
        resource_version_.clear();
        return {Kind::gone, std::move(message)};
    }
    Kind kind = Kind::malformed;
    if (type == "ADDED") kind = Kind::added;
    if (type == "MODIFIED") kind = Kind::modified;
    if (type == "DELETED") kind = Kind::deleted;
    if (type == "BOOKMARK") kind = Kind::bookmark;
    if (kind == Kind::malformed) return {kind, "an event of unknown type"};
    // Versions are opaque (API conventions, "Concurrency control"): the latest one seen is the one to go on
    // from, whatever it looks like.
    const std::string_view version = text_at(body->get_object(), {"metadata", "resourceVersion"});
    if (!version.empty()) resource_version_ = version;
    object = std::move(body->get_object());
    return {kind, {}};
}

}  // namespace milo_perf::kube
