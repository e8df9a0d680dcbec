#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace milo_perf::kube {

/// A mapping in a kubeconfig whose fields are read by kind. A missing field or null reads as empty or false,
/// and a field of another kind throws UserError naming it and the file, without its value. The mapping must
/// outlive it.
class YamlFields {
  public:
    /// `where` says which mapping it is, e.g. "user 'dev'"; empty for the whole file. No mapping reads as an
    /// empty one.
    YamlFields(const boost::json::object* map, std::string where, std::string file);

    bool has(const char* key) const;
    std::string text(const char* key) const;
    bool flag(const char* key) const;
    /// Decodes a base64 field.
    std::string base64(const char* key) const;
    YamlFields map(const char* key) const;
    /// Calls `visit` for each item of a list of mappings; `item` names one, e.g. "cluster entry".
    void each(const char* key, const char* item, const std::function<void(const YamlFields&)>& visit) const;
    /// The items of a list of texts.
    std::vector<std::string> texts(const char* key) const;
    /// The keys of a mapping.
    std::vector<std::string> keys() const;
    /// The field as JSON; empty when it is missing.
    std::string json(const char* key) const;

    YamlFields named(std::string where) const { return {map_, std::move(where), file_}; }

    [[noreturn]] void fail(std::string_view key, std::string_view problem) const;

  private:
    const boost::json::value* field(std::string_view key) const;

    const boost::json::object* map_;
    std::string where_;
    std::string file_;
};

}  // namespace milo_perf::kube
