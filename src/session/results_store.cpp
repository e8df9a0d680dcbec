#include "session/results_store.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>

#include "kube/scopes.hpp"

namespace milo_perf::session {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

constexpr int most_conflicts = 8;
/// The ConfigMap comes after the run: it must not delay the program for minutes.
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

Error ResultsStore::failed_to(std::string_view verb, const kube::Reply& reply, bool retry) const {
    const bool too_large = verb == "written" && (reply.status == 413 || reply.status == 422);
    return {ErrorCategory::server,
            fmt::format("ConfigMap {}/{} could not be {}: {}; {}.", namespace_, name, verb, reply.message,
                        too_large ? "see what else it holds, or delete it"
                                  : "check the rights of the service account or of KUBECONFIG"),
            retry};
}

Error ResultsStore::unreadable() const {
    return {ErrorCategory::server, fmt::format("ConfigMap {}/{} could not be read: the answer is not a "
                                               "ConfigMap; check the server of KUBECONFIG.",
                                               namespace_, name)};
}

json::object ResultsStore::fresh() const {
    return {{"apiVersion", "v1"},
            {"kind", "ConfigMap"},
            {"metadata",
             {{"name", json::string_view(name.data(), name.size())},
              {"namespace", namespace_},
              {"labels", {{"app", "milo-perf"}}}}}};
}

asio::awaitable<kube::Reply> ResultsStore::call(std::string_view method, std::string target,
                                                std::string body) {
    const stats::Verb verb = method == "GET"      ? stats::Verb::get
                             : method == "DELETE" ? stats::Verb::delete_
                                                  : stats::Verb::update;
    const kube::Reply reply = co_await client_.call(
        {.method = method,
         .path = target,
         .body = body,
         .series = recorder_.series("publish", verb, "configmaps"),
         .response_body = method == "GET" ? http::Body::collect : http::Body::discard_if_ok,
         .max_attempts = write_attempts});
    co_return reply;
}

asio::awaitable<Result<json::object>> ResultsStore::read() {
    const kube::Reply reply = co_await call("GET", path_, {});
    if (reply.not_found()) co_return json::object{};
    if (!reply.ok()) co_return failed_to("read", reply);
    std::optional<json::object> configmap = object_of(reply.body);
    if (!configmap) co_return unreadable();
    co_return std::move(data_of(*configmap));
}

asio::awaitable<Result<>> ResultsStore::update(DataChange change) {
    return write(std::move(change), "");
}

asio::awaitable<Result<>> ResultsStore::probe() {
    return write([](json::object&) {}, "?dryRun=All");
}

asio::awaitable<Result<>> ResultsStore::write(DataChange change, std::string_view query) {
    for (int round = 1;; ++round) {
        const Result<> written = co_await write_once(change, query);
        if (written || !written.error().retry || round == most_conflicts) co_return written;
    }
}

asio::awaitable<Result<>> ResultsStore::write_once(const DataChange& change, std::string_view query) {
    const kube::Reply there = co_await call("GET", path_, {});
    if (!there.ok() && !there.not_found()) co_return failed_to("read", there);
    std::optional<json::object> configmap = there.ok() ? object_of(there.body) : fresh();
    // Written back, it would remove what others keep there.
    if (!configmap) co_return unreadable();
    change(data_of(*configmap));
    const kube::Reply written = co_await call(there.ok() ? "PUT" : "POST",
                                              fmt::format("{}{}", there.ok() ? path_ : collection_, query),
                                              json::serialize(*configmap));
    if (written.ok()) co_return Result<>();
    // Somebody else wrote, created or removed it meanwhile: look again.
    co_return failed_to("written", written, written.status == 409 || (written.not_found() && there.ok()));
}

asio::awaitable<Result<>> ResultsStore::remove() {
    const kube::Reply reply = co_await call("DELETE", path_, {});
    if (reply.ok() || reply.not_found()) co_return Result<>();
    co_return failed_to("removed", reply);
}

}  // namespace milo_perf::session
