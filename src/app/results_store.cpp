#include "app/results_store.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "kube/scopes.hpp"

namespace milo_perf::app {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr int most_conflicts = 8;
/// The ConfigMap comes after the run: it must not hold the program for minutes.
constexpr unsigned write_attempts = 5;

/// Empty when the body is no object of the API.
std::optional<json::object> object_of(const std::string& body) {
    boost::system::error_code error;
    json::value parsed = json::parse(body, error);
    if (error || !parsed.is_object() || !parsed.get_object().contains("metadata")) return std::nullopt;
    return std::move(parsed.get_object());
}

json::object& data_of(json::object& configmap) {
    json::value& data = configmap["data"];
    if (!data.is_object()) data.emplace_object();
    return data.get_object();
}

}  // namespace

ResultsStore::ResultsStore(kube::Client& client, std::string ns, stats::Recorder& recorder)
    : client_(client),
      namespace_(std::move(ns)),
      collection_(fmt::format("/api/v1/namespaces/{}/configmaps", kube::percent_encoded(namespace_))),
      path_(fmt::format("{}/{}", collection_, name)),
      recorder_(recorder) {}

std::string ResultsStore::sentence(std::string_view verb, const kube::Reply& reply) const {
    const bool too_large = verb == "written" && (reply.status == 413 || reply.status == 422);
    return fmt::format("ConfigMap {}/{} could not be {}: {}; {}.", namespace_, name, verb, reply.message,
                       too_large ? "see what else it holds, or delete it"
                                 : "check the rights of the service account or of KUBECONFIG");
}

std::string ResultsStore::unreadable() const {
    return fmt::format(
        "ConfigMap {}/{} could not be read: the answer is no ConfigMap; check the server of KUBECONFIG.",
        namespace_, name);
}

json::object ResultsStore::fresh() const {
    return {{"apiVersion", "v1"},
            {"kind", "ConfigMap"},
            {"metadata",
             {{"name", json::string_view(name.data(), name.size())},
              {"namespace", namespace_},
              {"labels", {{"app", "milo-perf"}}}}}};
}

asio::awaitable<json::object> ResultsStore::read(std::string& problem) {
    const kube::Reply reply =
        co_await client_.call({.method = "GET",
                               .path = path_,
                               .body = {},
                               .series = recorder_.series("publish", "get", "configmaps"),
                               .max_attempts = write_attempts});
    if (!reply.ok()) {
        if (!reply.not_found()) problem = sentence("read", reply);
        co_return json::object{};
    }
    std::optional<json::object> configmap = object_of(reply.body);
    if (!configmap) {
        problem = unreadable();
        co_return json::object{};
    }
    co_return std::move(data_of(*configmap));
}

asio::awaitable<std::string> ResultsStore::update(DataChange change) {
    return write(std::move(change), "");
}

asio::awaitable<std::string> ResultsStore::probe() {
    return write([](json::object&) {}, "?dryRun=All");
}

asio::awaitable<std::string> ResultsStore::write(DataChange change, std::string_view query) {
    const stats::SeriesId get_series = recorder_.series("publish", "get", "configmaps");
    const stats::SeriesId write_series = recorder_.series("publish", "update", "configmaps");
    std::string problem;
    for (int round = 0; round < most_conflicts; ++round) {
        const kube::Reply there = co_await client_.call({.method = "GET",
                                                         .path = path_,
                                                         .body = {},
                                                         .series = get_series,
                                                         .max_attempts = write_attempts});
        if (!there.ok() && !there.not_found()) co_return sentence("read", there);
        std::optional<json::object> configmap = there.ok() ? object_of(there.body) : fresh();
        // Written back, it would take away what others keep there.
        if (!configmap) co_return unreadable();
        change(data_of(*configmap));
        const std::string body = json::serialize(*configmap);
        const std::string target = fmt::format("{}{}", there.ok() ? path_ : collection_, query);
        const kube::Reply written = co_await client_.call({.method = there.ok() ? "PUT" : "POST",
                                                           .path = target,
                                                           .body = body,
                                                           .series = write_series,
                                                           .response_body = http::Body::discard_if_ok,
                                                           .max_attempts = write_attempts});
        if (written.ok()) co_return std::string();
        problem = sentence("written", written);
        // Somebody else wrote, created or removed it meanwhile: look again.
        if (written.status != 409 && !(written.not_found() && there.ok())) break;
    }
    co_return problem;
}

asio::awaitable<std::string> ResultsStore::remove() {
    const kube::Reply reply =
        co_await client_.call({.method = "DELETE",
                               .path = path_,
                               .body = {},
                               .series = recorder_.series("publish", "delete", "configmaps"),
                               .max_attempts = write_attempts});
    co_return reply.ok() || reply.not_found() ? std::string() : sentence("removed", reply);
}

}  // namespace milo_perf::app
