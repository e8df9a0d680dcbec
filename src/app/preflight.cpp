#include "app/preflight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "app/access_review.hpp"
#include "base/error.hpp"
#include "base/log.hpp"
#include "kube/json_path.hpp"
#include "metrics/preflight.hpp"
#include "results/files.hpp"
#include "results/format.hpp"
#include "workload/identity.hpp"

namespace milo_perf::app {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

/// Before a run nobody wants to wait for the whole retry policy.
constexpr unsigned attempts = 3;
constexpr std::string_view milo_group = "resourcemanager.miloapis.com";

json::value parsed(const std::string& body) {
    boost::system::error_code error;
    json::value value = json::parse(body, error);
    return error ? json::value() : value;
}

asio::awaitable<kube::Reply> get(RunState& run, std::string path, std::string_view resource) {
    const kube::Reply reply =
        co_await run.milo.call({.method = "GET",
                                .path = path,
                                .body = {},
                                .series = run.recorder.series("preflight", "get", resource),
                                .max_attempts = attempts});
    co_return reply;
}

asio::awaitable<Check> check_apiserver(RunState& run) {
    Check check{.subject = "apiserver"};
    const kube::Reply reply = co_await get(run, "/version", "version");
    if (!reply.ok()) {
        check.message = fmt::format(
            "The apiserver {} of {} does not serve /version: {}; check server, credentials and CA in it.",
            http::base_url(run.milo.endpoint()), run.settings.milo_kubeconfig_path, reply.message);
        co_return check;
    }
    const json::value version = parsed(reply.body);
    const std::string_view text =
        version.is_object() ? kube::text_at(version.get_object(), {"gitVersion"}) : std::string_view{};
    if (text.empty()) {
        check.message = fmt::format(
            "{} of {} is no apiserver, its /version has no gitVersion: check the server in the kubeconfig.",
            http::base_url(run.milo.endpoint()), run.settings.milo_kubeconfig_path);
        co_return check;
    }
    run.apiserver_version = text;
    check.ok = true;
    check.message = fmt::format("{} answers, version {}", http::base_url(run.milo.endpoint()),
                                results::server_version(run.apiserver_version));
    co_return check;
}

bool serves(const json::value& list, std::string_view resource) {
    const json::value* resources = list.is_object() ? list.get_object().if_contains("resources") : nullptr;
    if (resources == nullptr || !resources->is_array()) return false;
    return std::any_of(
        resources->get_array().begin(), resources->get_array().end(), [resource](const json::value& entry) {
            return entry.is_object() && kube::text_at(entry.get_object(), {"name"}) == resource;
        });
}

asio::awaitable<Check> check_resources(RunState& run) {
    Check check{.subject = "resources"};
    const kube::Reply reply = co_await get(run, std::string(workload::resourcemanager_path), "apis");
    const json::value list = parsed(reply.body);
    if (reply.ok() && serves(list, "organizations") && serves(list, "projects")) {
        check.ok = true;
        check.message = fmt::format("organizations and projects of {} are served", milo_group);
        co_return check;
    }
    check.message = fmt::format(
        "The apiserver does not serve organizations and projects of {} ({}): check that this is Milo's "
        "kubeconfig and that its CRDs are installed.",
        milo_group, reply.ok() ? std::string("its API group has no such resources") : reply.message);
    co_return check;
}

Check judged(std::string subject, const Review& review, std::string_view what, bool blocking) {
    Check check{.subject = std::move(subject), .blocking = blocking};
    if (!review.allowed) {
        check.message = fmt::format("Whether {} is allowed cannot be tested: {}.", what, review.message);
        check.blocking = false;
    } else if (!*review.allowed) {
        check.message =
            fmt::format("The credentials may not {}: grant the verb to the kubeconfig's user.", what);
    } else {
        check.ok = true;
        check.message = fmt::format("may {}", what);
    }
    return check;
}

asio::awaitable<void> check_rights(RunState& run, std::vector<Check>& checks) {
    struct Wanted {
        std::string_view resource;
        std::array<std::string_view, 5> verbs;
    };
    const std::array<Wanted, 2> wanted{{{"organizations", {"create", "get", "list", "delete", ""}},
                                        {"projects", {"create", "get", "list", "watch", "delete"}}}};
    const stats::SeriesId series = run.recorder.series("preflight", "review", "selfsubjectaccessreviews");
    for (const Wanted& want : wanted) {
        for (const std::string_view verb : want.verbs) {
            if (verb.empty()) continue;
            Right right{std::string(verb), std::string(milo_group), std::string(want.resource), ""};
            const Review review = co_await review_access(run.milo, std::move(right), series);
            checks.push_back(judged("rights", review, fmt::format("{} {}", verb, want.resource), true));
        }
    }
    if (!run.settings.run_objects_phase) co_return;
    // A Project's own control plane decides in the end, and there is none yet to be asked.
    for (const std::string_view resource : {"secrets", "configmaps"}) {
        Right right{"create", "", std::string(resource), "default"};
        const Review review = co_await review_access(run.milo, std::move(right), series);
        checks.push_back(
            judged("rights", review, fmt::format("create {} in namespace default", resource), false));
    }
}

asio::awaitable<void> check_metrics(RunState& run, std::vector<Check>& checks) {
    const std::vector<metrics::SeriesCheck> found =
        co_await metrics::check_series(run.victoria_metrics, run.source);
    for (const metrics::SeriesCheck& one : found) {
        // Without figures a run still tells how fast the control plane is.
        checks.push_back({one.subject, one.ok, one.message, false});
    }
    if (!found.empty() && found.front().ok) {
        run.victoriametrics_version = co_await run.victoria_metrics.version();
    }
}

Check check_folder(const RunState& run) {
    Check check{.subject = "OUT_DIR", .message = results::folder_problem(run.settings.out_dir)};
    check.ok = check.message.empty();
    if (check.ok) check.message = fmt::format("{} can be written", run.settings.out_dir);
    return check;
}

asio::awaitable<Check> check_configmap(RunState& run) {
    Check check{.subject = "results ConfigMap", .blocking = false};
    if (!run.results_cluster) {
        check.ok = true;
        check.message = "no cluster for it (neither in a pod nor KUBECONFIG set): files only";
        co_return check;
    }
    ResultsStore& store = run.results_cluster->store;
    check.message = co_await store.probe();
    check.ok = check.message.empty();
    if (check.ok) check.message = fmt::format("{}/{} can be written", store.ns(), ResultsStore::name);
    co_return check;
}

}  // namespace

asio::awaitable<std::vector<Check>> preflight(RunState& run) {
    std::vector<Check> checks;
    checks.push_back(
        {"kubeconfig", true,
         fmt::format("{}, server {}", run.settings.milo_kubeconfig_path, http::base_url(run.milo.endpoint())),
         true});
    checks.push_back(check_folder(run));
    Check apiserver = co_await check_apiserver(run);
    const bool reachable = apiserver.ok;
    checks.push_back(std::move(apiserver));
    if (reachable) {
        Check resources = co_await check_resources(run);
        checks.push_back(std::move(resources));
        co_await check_rights(run, checks);
    }
    co_await check_metrics(run, checks);
    Check configmap = co_await check_configmap(run);
    checks.push_back(std::move(configmap));
    co_return checks;
}

asio::awaitable<void> require_preflight(RunState& run) {
    const PhaseScope scope(run, "preflight");
    const std::vector<Check> checks = co_await preflight(run);
    for (const Check& check : checks) {
        if (check.ok) {
            log::debug("{}: {}", check.subject, check.message);
        } else if (check.blocking) {
            throw UserError(check.message);
        } else {
            run.journal.warning_once(check.message);
        }
    }
}

asio::awaitable<void> require_milo(RunState& run) {
    const Check apiserver = co_await check_apiserver(run);
    if (!apiserver.ok) throw UserError(apiserver.message);
    const Check resources = co_await check_resources(run);
    if (!resources.ok) throw UserError(resources.message);
}

}  // namespace milo_perf::app
