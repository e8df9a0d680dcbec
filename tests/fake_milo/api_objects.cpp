#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <charconv>
#include <optional>

#include "fake_milo/api.hpp"

namespace milo_perf::fake_milo {
namespace json = boost::json;

namespace {

constexpr std::size_t largest_object_bytes = 1536 * 1024;

Response object_response(int status, const Object& object) {
    Response response;
    response.status = status;
    response.body = *object.json;
    return response;
}

std::optional<json::object> parse_object(std::string_view text) {
    boost::system::error_code error;
    json::value parsed = json::parse({text.data(), text.size()}, error);
    if (error || !parsed.is_object()) return std::nullopt;
    return std::move(parsed.get_object());
}

std::string metadata_text(json::object& object, std::string_view key) {
    const json::value* value = metadata_of(object).if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

/// Secrets take `stringData` and keep base64 in `data`; only its size matters to anyone here.
void normalize_secret(json::object& object) {
    json::value* plain = object.if_contains("stringData");
    if (plain == nullptr) return;
    json::value& data = object["data"];
    if (!data.is_object()) data.emplace_object();
    plain = object.if_contains("stringData");
    if (plain->is_object()) {
        for (const auto& [key, value] : plain->get_object()) {
            const std::size_t size = value.is_string() ? value.get_string().size() : 0;
            data.get_object()[key] = std::string((size + 2) / 3 * 4, 'A');
        }
    }
    object.erase("stringData");
}

bool has_finalizers(json::object& object) {
    const json::value* found = metadata_of(object).if_contains("finalizers");
    return found != nullptr && found->is_array() && !found->get_array().empty();
}

/// `continue` is the list's version and the last key given, opaque to clients.
std::string continue_token(std::uint64_t version, std::string_view key) {
    std::string token = fmt::format("{:x}.", version);
    for (const char c : key) token += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return token;
}

struct Continuation {
    std::uint64_t version = 0;
    std::string key;
};

std::optional<Continuation> parse_continue(std::string_view token) {
    const std::size_t dot = token.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    Continuation parsed;
    const auto version = std::from_chars(token.data(), token.data() + dot, parsed.version, 16);
    if (version.ptr != token.data() + dot) return std::nullopt;
    for (std::size_t i = dot + 1; i + 1 < token.size(); i += 2) {
        unsigned value = 0;
        std::from_chars(token.data() + i, token.data() + i + 2, value, 16);
        parsed.key.push_back(static_cast<char>(value));
    }
    return parsed;
}

}  // namespace

Response Api::create(const ApiRequest& request) {
    const Target& target = request.target;
    if (request.body.size() > largest_object_bytes) return status_response(413, "the object is too large");
    std::optional<json::object> object = parse_object(request.body);
    if (!object) return status_response(400, "the body of the request is no JSON object");
    Place place = place_of(target);
    place.name = metadata_text(*object, "name");
    if (place.name.empty()) return status_response(422, "name or generateName is required", "Invalid");
    Response refusal = admit(target, *object);
    if (refusal.status != 0) return refusal;
    const std::string resource(target.kind->resource);
    if (store_.find(place) != nullptr) {
        ++stats_.create_conflicts[resource];
        return status_response(409, fmt::format("{} \"{}\" already exists", resource, place.name),
                               "AlreadyExists", resource, place.name);
    }
    (*object)["apiVersion"] = target.kind->api_version;
    (*object)["kind"] = target.kind->kind;
    if (resource == "secrets") normalize_secret(*object);
    if (resource == "projects") controller_.prepare(*object);
    const Object& stored = store_.create(place, std::move(*object));
    ++stats_.created[resource];
    if (resource == "projects") controller_.on_created(place.name);
    return object_response(201, stored);
}

Response Api::get(const Target& target) {
    const Object* found = store_.find(place_of(target));
    return found == nullptr ? not_found(target) : object_response(200, *found);
}

Api::Selection Api::select(const Target& target) {
    Selection selection;
    selection.refusal.status = 0;
    const Response wrong = check_scope(target);
    if (wrong.status != 0 && !target.project.empty()) {
        selection.refusal = wrong;
        return selection;
    }
    std::optional<Selector> selector = Selector::parse(target.parameter("labelSelector"));
    if (!selector) {
        selection.refusal = status_response(400, "unable to parse requirement in labelSelector");
        return selection;
    }
    selection.selector = std::move(*selector);
    selection.namespace_ = target.namespace_;
    selection.collection = &store_.collection(target.project, *target.kind);
    return selection;
}

Response Api::list(const Target& target) {
    Selection selection = select(target);
    if (selection.refusal.status != 0) return selection.refusal;
    // The server narrows a list in an Organization's scope, but not a watch.
    if (!target.organization.empty() && target.kind->resource == "projects") {
        selection.selector.require("resourcemanager.miloapis.com/organization-name", target.organization);
    }
    const std::string limit_text = target.parameter("limit");
    const std::size_t limit = limit_text.empty() ? 0 : std::strtoull(limit_text.c_str(), nullptr, 10);
    const std::string token = target.parameter("continue");
    std::uint64_t version = store_.version();
    auto at = selection.collection->objects.begin();
    if (!token.empty()) {
        const std::optional<Continuation> from = parse_continue(token);
        if (!from) return status_response(400, "continue key is not valid");
        if (from->version < selection.collection->compacted) {
            return status_response(410,
                                   "The provided continue parameter is too old to display a consistent list "
                                   "result. You can start a new list without the continue parameter.");
        }
        version = from->version;
        at = selection.collection->objects.upper_bound(from->key);
    }
    std::string items;
    std::size_t count = 0;
    std::string last_key;
    bool more = false;
    for (; at != selection.collection->objects.end(); ++at) {
        const auto& [key, object] = *at;
        if (!selection.namespace_.empty() && !key.starts_with(selection.namespace_ + "/")) continue;
        if (!selection.selector.matches(object.labels)) continue;
        if (limit > 0 && count == limit) {
            more = true;
            break;
        }
        if (count++ > 0) items += ',';
        items += *object.json;
        last_key = key;
    }
    Response response;
    response.body = fmt::format(
        R"({{"kind":"{}List","apiVersion":"{}","metadata":{{"resourceVersion":"{}"{}}},"items":[{}]}})",
        target.kind->kind, target.kind->api_version, version,
        more ? fmt::format(R"(,"continue":"{}")", continue_token(version, last_key)) : "", items);
    return response;
}

Response Api::change(const ApiRequest& request) {
    const Target& target = request.target;
    const Place place = place_of(target);
    const Object* found = store_.find(place);
    if (found == nullptr) return not_found(target);
    const bool patch = request.method == "PATCH";
    if (patch && !request.content_type.starts_with("application/merge-patch+json") &&
        !request.content_type.starts_with("application/strategic-merge-patch+json")) {
        return status_response(415,
                               "the body of the request was in an unknown format - accepted media types "
                               "include: application/merge-patch+json");
    }
    std::optional<json::object> body = parse_object(request.body);
    if (!body) return status_response(400, "the body of the request is no JSON object");
    const std::string wanted = metadata_text(*body, "resourceVersion");
    if (!wanted.empty() && wanted != std::to_string(found->version)) {
        return status_response(
            409,
            fmt::format("Operation cannot be fulfilled on {} \"{}\": the object has been modified; "
                        "please apply your changes to the latest version and try again",
                        target.kind->resource, target.name),
            "Conflict", target.kind->resource, target.name);
    }
    json::object there = json::parse(*found->json).as_object();
    return replace(request, place, there, *body);
}

Response Api::replace(const ApiRequest& request, const Place& place, json::object& there,
                      const json::object& body) {
    const bool status_only = request.target.subresource == "status";
    const json::value status_before = there.contains("status") ? there["status"] : json::value();
    json::object next = there;
    if (request.method == "PATCH") {
        merge_patch(next, body);
    } else {
        next = body;
        for (const char* key : {"uid", "creationTimestamp", "deletionTimestamp", "namespace", "name"}) {
            const json::value* kept = metadata_of(there).if_contains(key);
            if (kept != nullptr) metadata_of(next)[key] = *kept;
        }
    }
    // The status is written through its subresource alone, and nothing else through that.
    if (status_only) {
        const json::value status = next.contains("status") ? next["status"] : json::value();
        next = there;
        next["status"] = status;
    } else if (request.target.kind->has_status && !status_before.is_null()) {
        next["status"] = status_before;
    }
    if (request.target.kind->resource == "secrets") normalize_secret(next);
    const bool ends = metadata_of(next).contains("deletionTimestamp") && !has_finalizers(next);
    const Object stored = store_.update(place, std::move(next));
    if (ends) store_.remove(place);
    return object_response(200, stored);
}

bool Api::remove(const Place& place) {
    const Object* found = store_.find(place);
    if (found == nullptr) return false;
    json::object object = json::parse(*found->json).as_object();
    if (!has_finalizers(object)) {
        if (place.kind->resource == "projects") store_.drop_storage(place.name);
        store_.remove(place);
        return true;
    }
    if (metadata_of(object).contains("deletionTimestamp")) return true;
    metadata_of(object)["deletionTimestamp"] = timestamp_now();
    store_.update(place, std::move(object));
    if (place.kind->resource == "projects") controller_.on_deletion(place.name);
    return true;
}

Response Api::remove_one(const Target& target) {
    const Place place = place_of(target);
    if (!remove(place)) return not_found(target);
    const Object* left = store_.find(place);
    return left == nullptr ? success_status() : object_response(200, *left);
}

Response Api::remove_collection(const Target& target) {
    const Selection selection = select(target);
    if (selection.refusal.status != 0) return selection.refusal;
    std::vector<std::string> keys;
    for (const auto& [key, object] : selection.collection->objects) {
        const bool in_namespace = selection.namespace_.empty() || key.starts_with(selection.namespace_ + "/");
        if (in_namespace && selection.selector.matches(object.labels)) keys.push_back(key);
    }
    for (const std::string& key : keys) {
        const std::size_t slash = key.find('/');
        remove({target.project, target.kind, key.substr(0, slash), key.substr(slash + 1)});
    }
    return success_status();
}

}  // namespace milo_perf::fake_milo
