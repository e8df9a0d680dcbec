#include "kube/kubeconfig_yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "base/base64.hpp"
#include "base/error.hpp"

namespace milo_perf::kube {
namespace {

/// Aliases let a small text stand for a huge tree; more nodes than any real extension has are refused.
class JsonConverter {
  public:
    /// False when the tree is too large or a key is no text.
    bool convert(const YAML::Node& node, boost::json::value& result, int depth = 0) {
        if (++nodes_ > max_nodes || depth > max_depth) return false;
        switch (node.Type()) {
            case YAML::NodeType::Map:
                return convert_map(node, result, depth);
            case YAML::NodeType::Sequence:
                return convert_sequence(node, result, depth);
            case YAML::NodeType::Scalar:
                result = scalar(node);
                return true;
            default:
                result = nullptr;
                return true;
        }
    }

  private:
    static constexpr int max_nodes = 10'000;
    static constexpr int max_depth = 100;

    bool convert_map(const YAML::Node& node, boost::json::value& result, int depth) {
        boost::json::object& object = result.emplace_object();
        for (const auto& entry : node) {
            if (!entry.first.IsScalar()) return false;
            if (!convert(entry.second, object[entry.first.Scalar()], depth + 1)) return false;
        }
        return true;
    }

    bool convert_sequence(const YAML::Node& node, boost::json::value& result, int depth) {
        boost::json::array& array = result.emplace_array();
        for (const auto& item : node)
            if (!convert(item, array.emplace_back(nullptr), depth + 1)) return false;
        return true;
    }

    static boost::json::value scalar(const YAML::Node& node) {
        const std::string& text = node.Scalar();
        const bool quoted = node.Tag() == "!";
        if (quoted) return boost::json::string(text);
        if (text == "true") return true;
        if (text == "false") return false;
        if (std::int64_t integer = 0; YAML::convert<std::int64_t>::decode(node, integer)) return integer;
        if (double real = 0; YAML::convert<double>::decode(node, real)) return real;
        return boost::json::string(text);
    }

    int nodes_ = 0;
};

}  // namespace

YamlFields::YamlFields(const YAML::Node& node, std::string where, std::string file)
    : node_(node), where_(std::move(where)), file_(std::move(file)) {}

void YamlFields::fail(std::string_view key, std::string_view problem) const {
    throw UserError(fmt::format("The field {}{}{} of the kubeconfig {} {}: correct the file.", key,
                                where_.empty() ? "" : " of ", where_, file_, problem));
}

YAML::Node YamlFields::field(const char* key) const {
    const YAML::Node& node = node_;
    if (!node.IsMap()) return {};
    const YAML::Node found = node[key];
    return found.IsDefined() ? found : YAML::Node();
}

bool YamlFields::has(const char* key) const {
    return !field(key).IsNull();
}

std::string YamlFields::text(const char* key) const {
    const YAML::Node node = field(key);
    if (node.IsNull()) return {};
    if (!node.IsScalar()) fail(key, "is no text");
    return node.Scalar();
}

bool YamlFields::flag(const char* key) const {
    const YAML::Node node = field(key);
    if (node.IsNull()) return false;
    const std::string value = node.IsScalar() ? node.Scalar() : std::string();
    if (value != "true" && value != "false") fail(key, "is neither true nor false");
    return value == "true";
}

std::string YamlFields::base64(const char* key) const {
    std::optional<std::string> bytes = decode_base64(text(key));
    if (!bytes) fail(key, "is no base64 text");
    return std::move(*bytes);
}

YamlFields YamlFields::map(const char* key) const {
    const YAML::Node node = field(key);
    if (!node.IsNull() && !node.IsMap()) fail(key, "is no mapping");
    return {node, where_, file_};
}

void YamlFields::each(const char* key, const char* item,
                      const std::function<void(const YamlFields&)>& visit) const {
    const YAML::Node node = field(key);
    if (node.IsNull()) return;
    if (!node.IsSequence()) fail(key, "is no list");
    for (const auto& entry : node) {
        if (!entry.IsMap()) fail(key, fmt::format("has a {} that is no mapping", item));
        visit(YamlFields(entry, item, file_));
    }
}

void YamlFields::each_text(const char* key, const std::function<void(std::string)>& visit) const {
    const YAML::Node node = field(key);
    if (node.IsNull()) return;
    if (!node.IsSequence()) fail(key, "is no list");
    for (const auto& entry : node) {
        if (!entry.IsScalar()) fail(key, "has an item that is no text");
        visit(entry.Scalar());
    }
}

std::string YamlFields::json(const char* key) const {
    const YAML::Node node = field(key);
    if (node.IsNull()) return {};
    boost::json::value value;
    if (!JsonConverter().convert(node, value)) fail(key, "is too large or has a key that is no text");
    return boost::json::serialize(value);
}

}  // namespace milo_perf::kube
