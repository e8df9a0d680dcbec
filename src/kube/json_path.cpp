#include "kube/json_path.hpp"

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>

namespace milo_perf::kube {
namespace json = boost::json;

namespace {

const json::value* value_at(const json::object& root, std::initializer_list<std::string_view> path) {
    const json::object* parent = &root;
    const json::value* found = nullptr;
    for (const std::string_view key : path) {
        if (parent == nullptr) return nullptr;
        found = parent->if_contains({key.data(), key.size()});
        if (found == nullptr) return nullptr;
        parent = found->if_object();
    }
    return found;
}

}  // namespace

const json::object* object_at(const json::object& root, std::initializer_list<std::string_view> path) {
    const json::value* found = value_at(root, path);
    return found != nullptr ? found->if_object() : nullptr;
}

std::string_view text_at(const json::object& root, std::initializer_list<std::string_view> path) {
    const json::value* found = value_at(root, path);
    const json::string* text = found != nullptr ? found->if_string() : nullptr;
    return text != nullptr ? std::string_view(text->data(), text->size()) : std::string_view{};
}

}  // namespace milo_perf::kube
