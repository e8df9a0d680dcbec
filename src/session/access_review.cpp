#include "session/access_review.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "kube/json_path.hpp"

namespace milo_perf::session {
namespace json = boost::json;

boost::asio::awaitable<Review> review_access(kube::Client& client, Right right, stats::SeriesId series) {
    json::object attributes;
    attributes["verb"] = right.verb;
    attributes["resource"] = right.resource;
    if (!right.group.empty()) attributes["group"] = right.group;
    if (!right.ns.empty()) attributes["namespace"] = right.ns;
    json::object spec;
    spec["resourceAttributes"] = std::move(attributes);
    json::object review;
    review["apiVersion"] = "authorization.k8s.io/v1";
    review["kind"] = "SelfSubjectAccessReview";
    review["spec"] = std::move(spec);
    const std::string body = json::serialize(review);
    const kube::Reply reply =
        co_await client.call({.method = "POST",
                              .path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                              .body = body,
                              .series = series,
                              .max_attempts = 3});
    Review result;
    if (!reply.ok()) {
        result.message = reply.message;
        co_return result;
    }
    boost::system::error_code error;
    const json::value answer = json::parse(reply.body, error);
    const json::object* status =
        !error && answer.is_object() ? kube::object_at(answer.get_object(), {"status"}) : nullptr;
    const json::value* allowed = status != nullptr ? status->if_contains("allowed") : nullptr;
    if (allowed == nullptr || !allowed->is_bool()) {
        result.message = "its answer is not a SelfSubjectAccessReview";
        co_return result;
    }
    result.allowed = allowed->get_bool();
    result.message = kube::text_at(*status, {"reason"});
    co_return result;
}

}  // namespace milo_perf::session
