#include <fmt/format.h>

#include <boost/json/array.hpp>

#include "fake_milo/api.hpp"

namespace milo_perf::fake_milo {
namespace json = boost::json;

namespace {

/// Longer names of Projects are refused by the webhook.
constexpr std::size_t longest_project_name = 55;

Response denied(std::string_view webhook, std::string_view what) {
    return status_response(
        403, fmt::format("admission webhook \"{}.datum.net\" denied the request: {}", webhook, what));
}

Response invalid(const Target& target, std::string_view name, std::string_view what) {
    return status_response(
        422,
        fmt::format("{}.resourcemanager.miloapis.com \"{}\" is invalid: {}", target.kind->kind, name, what),
        "Invalid", target.kind->resource, name);
}

std::string text_in(const json::object& object, std::string_view outer, std::string_view inner) {
    const json::value* first = object.if_contains(outer);
    if (first == nullptr || !first->is_object()) return {};
    const json::value* second = first->get_object().if_contains(inner);
    return second != nullptr && second->is_string() ? std::string(second->get_string()) : std::string();
}

Response admit_project(const Target& target, json::object& object) {
    const std::string name = text_in(object, "metadata", "name");
    if (target.organization.empty()) {
        return denied("vproject", "a Project is created through its Organization's control plane");
    }
    if (name.size() > longest_project_name) {
        return denied("vproject", fmt::format("name must have at most {} characters", longest_project_name));
    }
    const json::value* spec = object.if_contains("spec");
    const json::value* owner =
        spec != nullptr && spec->is_object() ? spec->get_object().if_contains("ownerRef") : nullptr;
    if (owner == nullptr || !owner->is_object() ||
        text_in(spec->get_object(), "ownerRef", "kind") != "Organization") {
        return invalid(target, name, "spec.ownerRef: Required value");
    }
    if (text_in(spec->get_object(), "ownerRef", "name") != target.organization) {
        return denied("vproject", "spec.ownerRef.name is not the Organization of the request");
    }
    json::object& metadata = metadata_of(object);
    json::object reference;
    reference["apiVersion"] = milo_api;
    reference["kind"] = "Organization";
    reference["name"] = target.organization;
    metadata["ownerReferences"] = json::array({std::move(reference)});
    json::value& labels = metadata["labels"];
    if (!labels.is_object()) labels.emplace_object();
    labels.get_object()["resourcemanager.miloapis.com/organization-name"] = target.organization;
    return {.status = 0};
}

}  // namespace

Response admit(const Target& target, json::object& object) {
    const std::string_view resource = target.kind->resource;
    if (resource == "projects") return admit_project(target, object);
    if (resource == "organizations") {
        const std::string type = text_in(object, "spec", "type");
        if (type != "Standard" && type != "Personal") {
            return invalid(target, text_in(object, "metadata", "name"),
                           "spec.type: Unsupported value, supported values: \"Personal\", \"Standard\"");
        }
    }
    return {.status = 0};
}

}  // namespace milo_perf::fake_milo
