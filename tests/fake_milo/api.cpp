#include "fake_milo/api.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace milo_perf::fake_milo {
namespace json = boost::json;

namespace {

Response json_response(int status, std::string body) {
    Response response;
    response.status = status;
    response.body = std::move(body);
    return response;
}

Response plain_ok() {
    Response response;
    response.content_type = "text/plain; charset=utf-8";
    response.body = "ok";
    return response;
}

constexpr std::string_view milo_resources =
    R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":"resourcemanager.miloapis.com/v1alpha1","resources":[)"
    R"({"name":"organizations","singularName":"organization","namespaced":false,"kind":"Organization","verbs":["create","delete","deletecollection","get","list","patch","update","watch"]},)"
    R"({"name":"projects","singularName":"project","namespaced":false,"kind":"Project","verbs":["create","delete","deletecollection","get","list","patch","update","watch"]},)"
    R"({"name":"projects/status","singularName":"","namespaced":false,"kind":"Project","verbs":["get","patch","update"]}]})";

constexpr std::string_view core_resources =
    R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":"v1","resources":[)"
    R"({"name":"configmaps","singularName":"","namespaced":true,"kind":"ConfigMap","verbs":["create","delete","deletecollection","get","list","patch","update","watch"]},)"
    R"({"name":"namespaces","singularName":"","namespaced":false,"kind":"Namespace","verbs":["create","delete","get","list","patch","update","watch"]},)"
    R"({"name":"secrets","singularName":"","namespaced":true,"kind":"Secret","verbs":["create","delete","deletecollection","get","list","patch","update","watch"]}]})";

constexpr std::string_view groups =
    R"({"kind":"APIGroupList","apiVersion":"v1","groups":[{"name":"resourcemanager.miloapis.com","versions":[{"groupVersion":"resourcemanager.miloapis.com/v1alpha1","version":"v1alpha1"}],"preferredVersion":{"groupVersion":"resourcemanager.miloapis.com/v1alpha1","version":"v1alpha1"}}]})";

constexpr std::string_view version =
    R"({"major":"1","minor":"32","gitVersion":"v1.32.3-fake","gitCommit":"0000000000000000000000000000000000000000","gitTreeState":"clean","buildDate":"2026-01-01T00:00:00Z","goVersion":"go1.24.0","compiler":"gc","platform":"linux/amd64"})";

constexpr std::string_view reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";

}  // namespace

Api::Api(Store& store, Controller& controller, Stats& stats)
    : store_(store), controller_(controller), stats_(stats) {
    for (const std::string name : {"default", "kube-system", "milo-system"}) {
        json::object space;
        space["apiVersion"] = "v1";
        space["kind"] = "Namespace";
        metadata_of(space)["name"] = name;
        store_.create({"", find_kind("v1", "namespaces"), "", name}, std::move(space));
    }
}

Place Api::place_of(const Target& target) const {
    return {target.project, target.kind, target.namespace_, target.name};
}

Response Api::not_found(const Target& target) {
    const std::string_view resource = target.kind->resource;
    const std::string full = target.kind->api_version == milo_api
                                 ? fmt::format("{}.resourcemanager.miloapis.com", resource)
                                 : std::string(resource);
    return status_response(404, fmt::format("{} \"{}\" not found", full, target.name), "NotFound", resource,
                           target.name);
}

Response Api::check_scope(const Target& target) {
    if (!target.project.empty() && store_.find(project_place(target.project)) == nullptr) {
        return status_response(
            404, fmt::format("projects.resourcemanager.miloapis.com \"{}\" not found", target.project),
            "NotFound", "projects", target.project);
    }
    if (!target.namespace_.empty() &&
        store_.find({target.project, find_kind("v1", "namespaces"), "", target.namespace_}) == nullptr) {
        return status_response(404, fmt::format("namespaces \"{}\" not found", target.namespace_), "NotFound",
                               "namespaces", target.namespace_);
    }
    return {.status = 0};
}

Response Api::review_access(const ApiRequest& request) {
    boost::system::error_code error;
    json::value review = json::parse({request.body.data(), request.body.size()}, error);
    if (error || !review.is_object()) return status_response(400, "the body is no SelfSubjectAccessReview");
    const json::value* attributes = nullptr;
    if (const json::value* spec = review.get_object().if_contains("spec");
        spec != nullptr && spec->is_object()) {
        attributes = spec->get_object().if_contains("resourceAttributes");
    }
    const auto attribute = [attributes](std::string_view key) {
        const json::value* value = attributes != nullptr && attributes->is_object()
                                       ? attributes->get_object().if_contains(key)
                                       : nullptr;
        return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
    };
    const std::string resource = attribute("resource");
    const bool denied = denied_.contains({attribute("verb"), resource}) || denied_.contains({"*", resource});
    json::object status;
    status["allowed"] = !denied;
    status["reason"] = denied ? "denied by a rule of the test" : "";
    review.get_object()["status"] = std::move(status);
    return json_response(201, json::serialize(review));
}

Response Api::unstored(const ApiRequest& request) {
    const std::string& path = request.target.rest;
    if (path == reviews && request.method == "POST") return review_access(request);
    if (request.method == "GET") {
        if (path == "/readyz" || path == "/livez" || path == "/healthz") return plain_ok();
        if (path == "/version") return json_response(200, std::string(version));
        if (path == "/api") return json_response(200, R"({"kind":"APIVersions","versions":["v1"]})");
        if (path == "/api/v1") return json_response(200, std::string(core_resources));
        if (path == "/apis") return json_response(200, std::string(groups));
        if (path == fmt::format("/apis/{}", milo_api)) return json_response(200, std::string(milo_resources));
    }
    Response response;
    response.status = 404;
    response.content_type = "text/plain; charset=utf-8";
    response.body = "404 page not found\n";
    return response;
}

Response Api::handle(const ApiRequest& request) {
    const Target& target = request.target;
    if (target.kind == nullptr) return unstored(request);
    const Response wrong = check_scope(target);
    // What is in a namespace that is not there is just not found; only writes say why.
    if (wrong.status != 0 && (request.method != "GET" || !target.project.empty())) return wrong;
    const std::string_view verb = verb_of(request.method, target);
    if (denied_.contains({std::string(verb), std::string(target.kind->resource)}) ||
        denied_.contains({"*", std::string(target.kind->resource)})) {
        return status_response(403,
                               fmt::format("{} is forbidden: User \"fake\" cannot {} resource \"{}\"",
                                           target.kind->resource, verb, target.kind->resource),
                               "Forbidden", target.kind->resource, target.name);
    }
    if (verb == "create" && target.name.empty()) return create(request);
    if (verb == "get") return get(target);
    if (verb == "list") return list(target);
    if ((verb == "update" || verb == "patch") && !target.name.empty()) return change(request);
    if (verb == "delete") return remove_one(target);
    if (verb == "deletecollection") return remove_collection(target);
    return status_response(405, "the server does not allow this method on the requested resource");
}

}  // namespace milo_perf::fake_milo
