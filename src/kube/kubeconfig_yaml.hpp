#pragma once

#include <yaml-cpp/node/node.h>

#include <functional>
#include <string>
#include <string_view>

namespace milo_perf::kube {

/// A mapping in a kubeconfig whose fields are read by kind. A missing field reads as empty or false, and a
/// field of another kind throws UserError naming it and the file, without its value.
class YamlFields {
  public:
    /// `where` says which mapping it is, e.g. "user 'dev'"; empty for the whole file.
    YamlFields(const YAML::Node& node, std::string where, std::string file);

    bool has(const char* key) const;
    std::string text(const char* key) const;
    bool flag(const char* key) const;
    /// Decodes a base64 field.
    std::string base64(const char* key) const;
    YamlFields map(const char* key) const;
    /// Calls `visit` for each item of a list of mappings; `item` names one, e.g. "cluster entry".
    void each(const char* key, const char* item, const std::function<void(const YamlFields&)>& visit) const;
    /// Calls `visit` for each item of a list of texts.
    void each_text(const char* key, const std::function<void(std::string)>& visit) const;
    /// The field as JSON; empty when it is missing. YAML's core schema decides about numbers and booleans.
    std::string json(const char* key) const;

    YamlFields named(std::string where) const { return {node_, std::move(where), file_}; }

    [[noreturn]] void fail(std::string_view key, std::string_view problem) const;

  private:
    YAML::Node field(const char* key) const;

    YAML::Node node_;
    std::string where_;
    std::string file_;
};

}  // namespace milo_perf::kube
