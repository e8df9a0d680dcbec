#include "kube/kubeconfig_yaml.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "base/base64.hpp"
#include "base/error.hpp"

namespace milo_perf::kube {

namespace json = boost::json;

namespace {

/// What is wrong with a value that is no text.
const char* why_no_text(const json::value& value) {
    return value.is_object() || value.is_array()
               ? "is no text"
               : "is a number or a boolean and no text, as kubectl reads YAML (put it in quotes)";
}

}  // namespace

YamlFields::YamlFields(const json::object* map, std::string where, std::string file)
    : map_(map), where_(std::move(where)), file_(std::move(file)) {}

void YamlFields::fail(std::string_view key, std::string_view problem) const {
    throw UserError(fmt::format("The field {}{}{} of the kubeconfig {} {}: correct the file.", key,
                                where_.empty() ? "" : " of ", where_, file_, problem));
}

const json::value* YamlFields::field(std::string_view key) const {
    const json::value* found = map_ != nullptr ? map_->if_contains({key.data(), key.size()}) : nullptr;
    return found != nullptr && !found->is_null() ? found : nullptr;
}

bool YamlFields::has(const char* key) const {
    return field(key) != nullptr;
}

std::string YamlFields::text(const char* key) const {
    const json::value* value = field(key);
    if (value == nullptr) return {};
    if (!value->is_string()) fail(key, why_no_text(*value));
    return std::string(value->get_string());
}

bool YamlFields::flag(const char* key) const {
    const json::value* value = field(key);
    if (value == nullptr) return false;
    if (!value->is_bool()) fail(key, "is neither true nor false");
    return value->get_bool();
}

std::string YamlFields::base64(const char* key) const {
    std::optional<std::string> bytes = decode_base64(text(key));
    if (!bytes) fail(key, "is no base64 text");
    return std::move(*bytes);
}

YamlFields YamlFields::map(const char* key) const {
    const json::value* value = field(key);
    if (value != nullptr && !value->is_object()) fail(key, "is no mapping");
    return {value != nullptr ? &value->get_object() : nullptr, where_, file_};
}

void YamlFields::each(const char* key, const char* item,
                      const std::function<void(const YamlFields&)>& visit) const {
    const json::value* value = field(key);
    if (value == nullptr) return;
    if (!value->is_array()) fail(key, "is no list");
    for (const json::value& entry : value->get_array()) {
        if (!entry.is_object()) fail(key, fmt::format("has a {} that is no mapping", item));
        visit(YamlFields(&entry.get_object(), item, file_));
    }
}

std::vector<std::string> YamlFields::texts(const char* key) const {
    std::vector<std::string> items;
    const json::value* value = field(key);
    if (value == nullptr) return items;
    if (!value->is_array()) fail(key, "is no list");
    for (const json::value& entry : value->get_array()) {
        // As in Go, null stands for an empty text.
        if (!entry.is_string() && !entry.is_null())
            fail(key, fmt::format("has an item that {}", why_no_text(entry)));
        items.push_back(entry.is_string() ? std::string(entry.get_string()) : std::string());
    }
    return items;
}

std::vector<std::string> YamlFields::keys() const {
    std::vector<std::string> keys;
    if (map_ == nullptr) return keys;
    for (const auto& entry : *map_) keys.emplace_back(entry.key());
    return keys;
}

std::string YamlFields::json(const char* key) const {
    const json::value* value = field(key);
    return value != nullptr ? std::string(json::serialize(*value)) : std::string();
}

}  // namespace milo_perf::kube
