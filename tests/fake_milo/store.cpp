#include "fake_milo/store.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <ctime>

namespace milo_perf::fake_milo {
namespace json = boost::json;

json::object& metadata_of(json::object& object) {
    json::value& metadata = object["metadata"];
    return metadata.is_object() ? metadata.get_object() : metadata.emplace_object();
}

Labels labels_of(const json::object& object) {
    Labels labels;
    const json::value* metadata = object.if_contains("metadata");
    const json::value* found =
        metadata != nullptr && metadata->is_object() ? metadata->get_object().if_contains("labels") : nullptr;
    if (found == nullptr || !found->is_object()) return labels;
    for (const auto& [key, value] : found->get_object()) {
        if (value.is_string()) labels.emplace(std::string(key), std::string(value.get_string()));
    }
    return labels;
}

std::string timestamp_now() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", parts);
}

void merge_patch(json::object& target, const json::object& patch) {
    for (const auto& [key, value] : patch) {
        if (value.is_null()) {
            target.erase(key);
        } else if (value.is_object()) {
            json::value& there = target[key];
            if (!there.is_object()) there.emplace_object();
            merge_patch(there.get_object(), value.get_object());
        } else {
            target[key] = value;
        }
    }
}

Collection& Store::collection(const std::string& storage, const Kind& kind) {
    std::unique_ptr<Collection>& found = collections_[fmt::format("{}|{}", storage, kind.resource)];
    if (!found) {
        found = std::make_unique<Collection>();
        found->kind = &kind;
    }
    return *found;
}

const Object* Store::find(const Place& place) {
    const Collection& in = collection(place.storage, *place.kind);
    const auto found = in.objects.find(place.key());
    return found == in.objects.end() ? nullptr : &found->second;
}

Object Store::make_object(json::object& object, std::uint64_t version) {
    metadata_of(object)["resourceVersion"] = std::to_string(version);
    Object made;
    made.labels = labels_of(object);
    made.version = version;
    made.json = std::make_shared<const std::string>(json::serialize(object));
    return made;
}

const Object& Store::create(const Place& place, json::object object) {
    Collection& in = collection(place.storage, *place.kind);
    json::object& metadata = metadata_of(object);
    metadata["uid"] = fmt::format("00000000-0000-4000-8000-{:012x}", next_uid_++);
    metadata["creationTimestamp"] = timestamp_now();
    if (!place.namespace_.empty()) metadata["namespace"] = place.namespace_;
    Object& stored = in.objects[place.key()] = make_object(object, ++version_);
    const std::string path = fmt::format("{}|{}|{}", place.storage, place.kind->resource, place.key());
    if (!ever_created_.insert(std::hash<std::string>{}(path)).second) created_twice_.push_back(path);
    record(in, {Event::Type::added, version_, place.namespace_, stored.json, stored.labels, {}});
    return stored;
}

const Object& Store::update(const Place& place, json::object object) {
    Collection& in = collection(place.storage, *place.kind);
    Object& there = in.objects.at(place.key());
    Labels before = std::move(there.labels);
    there = make_object(object, ++version_);
    record(in,
           {Event::Type::modified, version_, place.namespace_, there.json, there.labels, std::move(before)});
    return there;
}

void Store::remove(const Place& place) {
    Collection& in = collection(place.storage, *place.kind);
    const auto found = in.objects.find(place.key());
    if (found == in.objects.end()) return;
    json::object last = json::parse(*found->second.json).as_object();
    const Object gone = make_object(last, ++version_);
    in.objects.erase(found);
    record(in, {Event::Type::deleted, version_, place.namespace_, gone.json, gone.labels, {}});
}

void Store::drop_storage(const std::string& storage) {
    const std::string prefix = storage + "|";
    for (const std::string_view resource : {"secrets", "configmaps", "namespaces"}) {
        const auto found = collections_.find(prefix + std::string(resource));
        if (found == collections_.end()) continue;
        found->second->objects.clear();
        found->second->events.clear();
        found->second->compacted = version_;
    }
}

void Store::record(Collection& collection, Event event) {
    collection.events.push_back(std::move(event));
    while (collection.events.size() > max_events_) {
        collection.compacted = collection.events.front().version;
        collection.events.pop_front();
    }
    for (const auto& [id, on_change] : collection.watchers) on_change();
}

void Store::compact() {
    // What open watches have still to send stays; only new ones look at `compacted`.
    ++version_;
    for (const auto& [name, in] : collections_) in->compacted = version_;
}

std::uint64_t Store::add_watcher(Collection& collection, std::function<void()> on_change) {
    collection.watchers.emplace(next_watcher_, std::move(on_change));
    return next_watcher_++;
}

std::map<std::string, std::uint64_t> Store::counts() const {
    std::map<std::string, std::uint64_t> counts;
    for (const auto& [name, in] : collections_) counts[std::string(in->kind->resource)] += in->objects.size();
    return counts;
}

}  // namespace milo_perf::fake_milo
