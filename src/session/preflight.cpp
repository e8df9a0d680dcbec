#include "session/preflight.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "base/error.hpp"
#include "base/nursery.hpp"
#include "kube/json_path.hpp"
#include "metrics/preflight.hpp"
#include "results/files.hpp"
#include "results/format.hpp"
#include "session/access_review.hpp"
#include "workload/operation.hpp"

namespace milo_perf::session {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

/// A check does not wait for the whole retry policy.
constexpr unsigned attempts = 3;
constexpr std::string_view milo_group = "resourcemanager.miloapis.com";

json::value parsed(const std::string& body) {
    boost::system::error_code error;
    json::value value = json::parse(body, error);
    return error ? json::value() : value;
}

asio::awaitable<kube::Reply> get(Session& session, std::string path, std::string_view resource) {
    const kube::Reply reply = co_await session.milo().call(
        {.method = "GET",
         .path = path,
         .body = {},
         .series = session.recorder.series("preflight", stats::Verb::get, resource, stats::Purpose::support),
         .max_attempts = attempts});
    co_return reply;
}

/// Sets `version` to what the server reports.
asio::awaitable<Check> check_apiserver(Session& session, std::optional<std::string>& version_text) {
    Check check{.subject = "apiserver"};
    const kube::Reply reply = co_await get(session, "/version", "version");
    const std::string server = http::base_url(session.milo().endpoint());
    // What answers at all is there; a gateway may forward the API's paths alone, and nothing else needs this.
    const bool there = reply.status != 0 && reply.status != 401;
    if (!there) {
        check.message = fmt::format(
            "The apiserver {} of {} does not serve /version: {}; check server, credentials and CA in it.",
            server, session.settings.milo_kubeconfig_path, reply.message);
        co_return check;
    }
    const json::value version = parsed(reply.body);
    const std::string_view text = reply.ok() && version.is_object()
                                      ? kube::text_at(version.get_object(), {"gitVersion"})
                                      : std::string_view{};
    check.ok = true;
    if (!text.empty()) {
        version_text = text;
        check.message = fmt::format("{} answers, version {}", server, results::server_version(version_text));
    } else {
        check.noteworthy = true;
        check.message = fmt::format("{} answers, and does not tell its version: {}", server,
                                    reply.ok() ? "its /version has no gitVersion" : reply.message);
    }
    co_return check;
}

/// How far the apiserver's clock is from this machine's, when that is worth a word.
void check_clock(const Session& session, std::vector<Check>& checks) {
    const std::optional<double> offset = session.milo().clock_offset_seconds();
    if (!offset) return;
    std::string skewed = metrics::clock_skew_sentence("the apiserver", *offset);
    if (!skewed.empty()) checks.push_back({"clocks", false, std::move(skewed), false});
}

bool serves(const json::value& list, std::string_view resource) {
    const json::value* resources = list.is_object() ? list.get_object().if_contains("resources") : nullptr;
    if (resources == nullptr || !resources->is_array()) return false;
    return std::any_of(
        resources->get_array().begin(), resources->get_array().end(), [resource](const json::value& entry) {
            return entry.is_object() && kube::text_at(entry.get_object(), {"name"}) == resource;
        });
}

asio::awaitable<Check> check_resources(Session& session) {
    Check check{.subject = "resources"};
    const kube::Reply reply = co_await get(session, workload::types::projects.api_path(), "apis");
    const json::value list = parsed(reply.body);
    if (reply.ok() && serves(list, "organizations") && serves(list, "projects")) {
        check.ok = true;
        check.message = fmt::format("organizations and projects of {} are served", milo_group);
        co_return check;
    }
    // Discovery may be refused or broken where the API itself is not.
    if (!reply.ok() && !reply.not_found()) {
        const kube::Reply organizations = co_await get(
            session, workload::types::organizations.api_path() + "/organizations?limit=1", "organizations");
        const kube::Reply projects =
            co_await get(session, workload::types::projects.api_path() + "/projects?limit=1", "projects");
        if (organizations.ok() && projects.ok()) {
            check.ok = check.noteworthy = true;
            check.message =
                fmt::format("organizations and projects of {} are served, and discovery is not: {}",
                            milo_group, reply.message);
            co_return check;
        }
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

asio::awaitable<void> check_rights(Session& session, std::vector<Check>& checks) {
    struct Wanted {
        std::string_view resource;
        std::array<std::string_view, 5> verbs;
    };
    const std::array<Wanted, 2> wanted{{{"organizations", {"create", "get", "list", "delete", ""}},
                                        {"projects", {"create", "get", "list", "watch", "delete"}}}};
    const stats::SeriesId series = session.recorder.series(
        "preflight", stats::Verb::review, "selfsubjectaccessreviews", stats::Purpose::support);
    for (const Wanted& want : wanted) {
        for (const std::string_view verb : want.verbs) {
            if (verb.empty()) continue;
            Right right{std::string(verb), std::string(milo_group), std::string(want.resource), ""};
            const Review review = co_await review_access(session.milo(), std::move(right), series);
            checks.push_back(judged("rights", review, fmt::format("{} {}", verb, want.resource), true));
        }
    }
    if (!session.settings.run_objects_phase) co_return;
    // A Project's own control plane decides in the end, and none exists yet to ask.
    for (const std::string_view resource : {"secrets", "configmaps"}) {
        Right right{"create", "", std::string(resource), "default"};
        const Review review = co_await review_access(session.milo(), std::move(right), series);
        checks.push_back(
            judged("rights", review, fmt::format("create {} in namespace default", resource), false));
    }
}

Check check_kubeconfig(Session& session) {
    Check check{.subject = "kubeconfig"};
    const Result<> opened = session.open(Part::milo);
    check.ok = opened.has_value();
    check.message = opened ? fmt::format("{}, server {}", session.settings.milo_kubeconfig_path,
                                         http::base_url(session.milo().endpoint()))
                           : opened.error().sentence;
    return check;
}

asio::awaitable<void> check_metrics(Session& session, Preflight& found) {
    if (const Result<> opened = session.open(Part::metrics); !opened) {
        found.checks.push_back({"VictoriaMetrics", false, opened.error().sentence, true});
        co_return;
    }
    const std::vector<metrics::SeriesCheck> series =
        co_await metrics::check_series(session.victoria_metrics(), session.source);
    for (const metrics::SeriesCheck& one : series) {
        // A run without these figures still measures how fast the control plane is.
        found.checks.push_back({one.subject, one.ok, one.message, false});
    }
    if (series.empty() || !series.front().ok) co_return;
    found.victoriametrics_version = co_await session.victoria_metrics().version();
}

/// Only if it is set.
void check_sample_queries(const Session& session, std::vector<Check>& checks) {
    const std::string& path = session.settings.sample_queries;
    if (path.empty()) return;
    Check check{.subject = "SAMPLE_QUERIES"};
    try {
        const std::size_t own = metrics::load_sample_queries(session.source, "").size();
        const std::size_t all = metrics::load_sample_queries(session.source, path).size();
        check.ok = true;
        check.message = fmt::format("{} has {} queries", path, all - own);
    } catch (const UserError& problem) {
        check.message = problem.what();
    }
    checks.push_back(std::move(check));
}

Check check_folder(const Session& session) {
    const Result<> writable = results::check_folder(session.settings.out_dir);
    return {.subject = "OUT_DIR",
            .ok = writable.has_value(),
            .message = writable ? fmt::format("{} can be written", session.settings.out_dir)
                                : writable.error().sentence};
}

asio::awaitable<Check> check_configmap(Session& session) {
    Check check{.subject = "results ConfigMap", .blocking = false};
    if (const Result<> opened = session.open(Part::results_cluster); !opened) {
        check.message = opened.error().sentence;
        check.blocking = true;
        co_return check;
    }
    if (session.results_cluster() == nullptr) {
        check.ok = true;
        check.message = "not in a pod, and KUBECONFIG is not set: results are kept in files only";
        co_return check;
    }
    ResultsStore& store = session.results_cluster()->store;
    const std::optional<Result<>> answered =
        co_await finish_before(Clock::now() + CheckpointWriter::budget, store.probe());
    if (!answered) {
        check.message =
            fmt::format("ConfigMap {}/{} could not be reached within {:g} s; check the server of KUBECONFIG.",
                        store.ns(), ResultsStore::name, to_seconds(CheckpointWriter::budget));
        session.results_cluster()->checkpoints.give_up({ErrorCategory::server, check.message});
        co_return check;
    }
    const Result<>& written = *answered;
    check.ok = written.has_value();
    check.message = written ? fmt::format("{}/{} can be written", store.ns(), ResultsStore::name)
                            : written.error().sentence;
    co_return check;
}

/// Milo's own: whether it answers, what it serves, what the credentials may do.
asio::awaitable<void> check_milo(Session& session, Preflight& found) {
    Check apiserver = co_await check_apiserver(session, found.apiserver_version);
    const bool reachable = apiserver.ok;
    found.checks.push_back(std::move(apiserver));
    if (!reachable) co_return;
    check_clock(session, found.checks);
    Check resources = co_await check_resources(session);
    found.checks.push_back(std::move(resources));
    co_await check_rights(session, found.checks);
}

}  // namespace

asio::awaitable<Preflight> preflight(Session& session) {
    Preflight found;
    Check kubeconfig = check_kubeconfig(session);
    const bool usable = kubeconfig.ok;
    found.checks.push_back(std::move(kubeconfig));
    found.checks.push_back(check_folder(session));
    if (usable) co_await check_milo(session, found);
    co_await check_metrics(session, found);
    check_sample_queries(session, found.checks);
    if (session.asked_for(Part::results_cluster)) {
        Check configmap = co_await check_configmap(session);
        found.checks.push_back(std::move(configmap));
    }
    co_return found;
}

asio::awaitable<Result<>> require_milo(Session& session) {
    std::optional<std::string> version;
    const Check apiserver = co_await check_apiserver(session, version);
    if (!apiserver.ok) co_return Error(ErrorCategory::input, apiserver.message);
    const Check resources = co_await check_resources(session);
    if (!resources.ok) co_return Error(ErrorCategory::input, resources.message);
    co_return Result<>();
}

}  // namespace milo_perf::session
