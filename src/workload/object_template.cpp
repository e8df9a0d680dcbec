#include "workload/object_template.hpp"

#include <fmt/compile.h>
#include <fmt/format.h>

#include <charconv>
#include <iterator>

namespace milo_perf::workload {
namespace {

/// The note in each object: the standard run's short one, or `size_bytes` of filling.
std::string note(std::uint32_t size_bytes) {
    return size_bytes == 0 ? std::string("created by milo-perf") : std::string(size_bytes, 'x');
}

}  // namespace

ObjectTemplate::ObjectTemplate(const ResourceType& type, std::string_view name_prefix,
                               const Identity& identity, std::string_view rest)
    : type_(&type),
      name_prefix_(name_prefix),
      before_name_(fmt::format(R"({{"apiVersion":"{}","kind":"{}","metadata":{{"name":")", type.api_version(),
                               type.kind)),
      after_name_(fmt::format(R"(",{}}},{}}})", identity.labels_json(), rest)) {}

ObjectTemplate ObjectTemplate::secret(const Identity& identity, std::uint32_t size_bytes) {
    return {types::secrets, "perf-secret-", identity,
            fmt::format(R"("type":"Opaque","stringData":{{"note":"{}"}})", note(size_bytes))};
}

ObjectTemplate ObjectTemplate::configmap(const Identity& identity, std::uint32_t size_bytes) {
    return {types::configmaps, "perf-configmap-", identity,
            fmt::format(R"("data":{{"note":"{}"}})", note(size_bytes))};
}

ObjectTemplate ObjectTemplate::organization(const Identity& identity) {
    return {types::organizations, "", identity, R"("spec":{"type":"Standard"})"};
}

ObjectTemplate ObjectTemplate::project(const Identity& identity) {
    return {
        types::projects, "", identity,
        fmt::format(R"("spec":{{"ownerRef":{{"kind":"Organization","name":"{}"}}}})", identity.org_name())};
}

void ObjectTemplate::write_name(std::uint32_t index, std::string& name) const {
    name.assign(name_prefix_);
    fmt::format_to(std::back_inserter(name), FMT_COMPILE("{:03}"), index);
}

std::optional<std::uint32_t> ObjectTemplate::index_of(std::string_view name) const {
    if (name.substr(0, name_prefix_.size()) != name_prefix_) return std::nullopt;
    const std::string_view digits = name.substr(name_prefix_.size());
    std::uint32_t index = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return index;
}

void ObjectTemplate::write_body(std::string_view name, std::string& body) const {
    body.clear();
    body.append(before_name_).append(name).append(after_name_);
}

}  // namespace milo_perf::workload
