#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "fake_milo/selector.hpp"
#include "fake_milo/target.hpp"

namespace milo_perf::fake_milo {

using Text = std::shared_ptr<const std::string>;

/// One object as it is stored: its JSON and what lists and watches select by.
struct Object {
    Text json;
    Labels labels;
    std::uint64_t version = 0;
};

/// One change of a collection.
struct Event {
    enum class Type { added, modified, deleted };
    Type type = Type::added;
    std::uint64_t version = 0;
    std::string namespace_;
    Text json;
    Labels labels;
    /// Of a modified object before the change.
    Labels old_labels;
};

/// All objects of one resource in one storage, by `namespace/name`, and their latest changes in order.
struct Collection {
    const Kind* kind = nullptr;
    std::map<std::string, Object, std::less<>> objects;
    std::deque<Event> events;
    /// Changes up to this version have been forgotten.
    std::uint64_t compacted = 0;
    /// Called after each change; those who watch.
    std::map<std::uint64_t, std::function<void()>> watchers;
};

/// Where an object is: storage (a Project's name, or empty for the root), resource, namespace, name.
struct Place {
    std::string storage;
    const Kind* kind = nullptr;
    std::string namespace_;
    std::string name;

    std::string key() const { return namespace_ + "/" + name; }
};

/// Versioned objects in collections. For one thread.
class Store {
  public:
    explicit Store(std::size_t max_events) : max_events_(max_events) {}

    Collection& collection(const std::string& storage, const Kind& kind);
    /// Null when it is not there.
    const Object* find(const Place& place);

    /// Stores a new object; sets uid, creationTimestamp and resourceVersion.
    const Object& create(const Place& place, boost::json::object object);
    /// Replaces one that is there.
    const Object& update(const Place& place, boost::json::object object);
    void remove(const Place& place);
    /// Forgets a Project's storage with everything in it.
    void drop_storage(const std::string& storage);
    void compact();

    std::uint64_t version() const { return version_; }
    std::map<std::string, std::uint64_t> counts() const;
    const std::vector<std::string>& created_twice() const { return created_twice_; }
    std::uint64_t add_watcher(Collection& collection, std::function<void()> on_change);

  private:
    void record(Collection& collection, Event event);
    static Object make_object(boost::json::object& object, std::uint64_t version);

    std::size_t max_events_;
    std::uint64_t version_ = 100;
    std::uint64_t next_uid_ = 1;
    std::uint64_t next_watcher_ = 1;
    std::unordered_map<std::string, std::unique_ptr<Collection>> collections_;
    std::unordered_set<std::size_t> ever_created_;
    std::vector<std::string> created_twice_;
};

/// `metadata` of an object, made when it is missing.
boost::json::object& metadata_of(boost::json::object& object);
Labels labels_of(const boost::json::object& object);
/// RFC 3339, now, whole seconds.
std::string timestamp_now();
/// RFC 7386.
void merge_patch(boost::json::object& target, const boost::json::object& patch);

}  // namespace milo_perf::fake_milo
