#include "workload/object_kind.hpp"

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

ObjectKind::ObjectKind(std::string_view resource, std::string_view kind, std::string_view name_prefix,
                       std::string rest)
    : resource_(resource),
      name_prefix_(name_prefix),
      before_name_(fmt::format(R"({{"apiVersion":"v1","kind":"{}","metadata":{{"name":")", kind)),
      after_name_(std::move(rest)) {}

ObjectKind ObjectKind::secret(const Identity& identity, std::uint32_t size_bytes) {
    return {"secrets", "Secret", "perf-secret-",
            fmt::format(R"(",{}}},"type":"Opaque","stringData":{{"note":"{}"}}}})", identity.labels_json(),
                        note(size_bytes))};
}

ObjectKind ObjectKind::configmap(const Identity& identity, std::uint32_t size_bytes) {
    return {"configmaps", "ConfigMap", "perf-configmap-",
            fmt::format(R"(",{}}},"data":{{"note":"{}"}}}})", identity.labels_json(), note(size_bytes))};
}

void ObjectKind::write_name(std::uint32_t index, std::string& name) const {
    name.assign(name_prefix_);
    fmt::format_to(std::back_inserter(name), FMT_COMPILE("{:03}"), index);
}

std::optional<std::uint32_t> ObjectKind::index_of(std::string_view name) const {
    if (name.substr(0, name_prefix_.size()) != name_prefix_) return std::nullopt;
    const std::string_view digits = name.substr(name_prefix_.size());
    std::uint32_t index = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    return index;
}

void ObjectKind::write_body(std::string_view name, std::string& body) const {
    body.clear();
    body.append(before_name_).append(name).append(after_name_);
}

}  // namespace milo_perf::workload
