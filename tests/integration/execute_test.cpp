#include "workload/execute.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <map>
#include <set>

#include "config/settings.hpp"
#include "harness.hpp"
#include "kube/json_path.hpp"
#include "load/driver.hpp"
#include "results/figures.hpp"
#include "results/from_stats.hpp"
#include "results/request_figures.hpp"
#include "workload/object_template.hpp"
#include "workload/source.hpp"

using namespace milo_perf;
using namespace milo_perf::test;
using fake_milo::Effect;
using fake_milo::Fault;
using fake_milo::refuse;
using stats::Verb;
using workload::Collection;
using workload::Ending;
using workload::Operation;
using workload::Scope;

namespace {

/// ConfigMaps of the root's control plane, and whatever is done to them.
class Verbs : public workload::Observer {
  public:
    explicit Verbs(Harness& harness) : harness_(harness) {}

    void begun(const Operation& operation) override { ++begun_[operation.verb]; }
    void ended(const Operation& operation, const workload::Outcome& outcome) override {
        ++endings[operation.verb][outcome.ending];
        known.ended(operation, outcome);
    }
    void object(const Operation& /*operation*/, boost::json::object& object) override {
        names.insert(std::string(kube::text_at(object, {"metadata", "name"})));
    }

    Operation operation(Verb verb) {
        return {.verb = verb,
                .collection = &collection,
                .object = &configmap,
                .label_selector = identity.label_selector(),
                .series = harness_.recorder.series("test", verb, "configmaps"),
                .lookup_series =
                    harness_.recorder.series("test", Verb::get, "configmaps", stats::Purpose::support)};
    }
    workload::Executor executor() {
        return {*harness_.client, harness_.recorder, identity.owner_label(), *this};
    }
    void run(std::uint32_t in_flight, workload::Source& source) {
        workload::Executor runs = executor();
        harness_.run(load::run_closed(in_flight, source, runs));
    }
    void fill(std::uint32_t count) {
        const workload::ObjectRegistry nothing;
        workload::Fill source(operation(Verb::create), std::span(&collection, 1), count, nothing);
        run(8, source);
    }
    void one(Operation operation) {
        workload::Each source({operation});
        run(1, source);
    }

    workload::Identity identity{"0badcafe", "", 1};
    Collection collection{workload::types::configmaps, Scope::root()};
    workload::ObjectTemplate configmap = workload::ObjectTemplate::configmap(identity, 0);
    workload::ObjectRegistry registry;
    workload::RegistryObserver known{registry};
    std::map<Verb, std::map<Ending, int>> endings;
    std::map<Verb, int> begun_;
    std::set<std::string> names;

  private:
    Harness& harness_;
};

const results::RequestSeries& series_of(const results::Run& run, Verb verb) {
    for (const results::RequestSeries& series : run.requests) {
        if (series.verb == stats::to_string(verb)) return series;
    }
    FAIL("there is no such series");
    return run.requests.front();
}

}  // namespace

TEST_CASE("a list is one operation over all its pages, and counts what it was given") {
    for (const std::uint32_t page_size : {7U, 50U, 500U}) {
        CAPTURE(page_size);
        Harness harness;
        Verbs verbs(harness);
        verbs.fill(120);
        Operation list = verbs.operation(Verb::list);
        list.page_size = page_size;
        verbs.one(list);
        CHECK(verbs.names.size() == 120);
        const stats::Series& series = harness.recorder.at(list.series);
        CHECK(series.operations_ok() == 1);
        CHECK(series.attempts == (120 + page_size - 1) / page_size);
        CHECK(series.items == 120);
        CHECK(series.operation_latency.count() == 1);
        CHECK(series.attempt_latency.count() == series.attempts);
    }
}

TEST_CASE("a list from the cache names its resource version, on the first page alone") {
    Harness harness;
    Verbs verbs(harness);
    verbs.fill(30);
    Operation list = verbs.operation(Verb::list);
    list.page_size = 10;
    list.resource_version = "0";
    // It is sent (and refused once), and never again after the second try of the first page.
    harness.server.add_fault(refuse({.method = "list", .path = "resourceVersion=0", .count = 1}, 503));
    harness.server.add_fault(refuse({.method = "list", .path = "resourceVersion=0", .nth = 3}, 400));
    verbs.one(list);
    CHECK(verbs.names.size() == 30);
    CHECK(harness.recorder.at(list.series).retries == 1);
    CHECK(verbs.endings[Verb::list][Ending::done] == 1);
}

TEST_CASE("every verb does to the server what it says") {
    Harness harness;
    Verbs verbs(harness);
    verbs.fill(10);
    CHECK(harness.server.stats().objects_of("configmaps") == 10);
    CHECK(verbs.registry.size() == 10);
    for (const Verb verb : {Verb::get, Verb::update, Verb::patch, Verb::delete_}) {
        CAPTURE(stats::to_string(verb));
        Operation operation = verbs.operation(verb);
        operation.index = 3;
        verbs.one(operation);
        CHECK(verbs.endings[verb][Ending::done] == 1);
        CHECK(harness.server.stats().requests_of(fmt::format("{} configmaps", stats::to_string(verb))) == 1);
    }
    CHECK(harness.server.stats().objects_of("configmaps") == 9);
    verbs.one(verbs.operation(Verb::deletecollection));
    CHECK(harness.server.stats().objects_of("configmaps") == 0);
}

TEST_CASE("what is not there, what is refused and what is there already are told apart") {
    Harness harness;
    Verbs verbs(harness);
    verbs.fill(1);
    verbs.fill(1);
    CHECK(verbs.endings[Verb::create][Ending::existing] == 1);
    for (const Verb verb : {Verb::get, Verb::delete_, Verb::patch}) {
        Operation operation = verbs.operation(verb);
        operation.index = 77;
        verbs.one(operation);
        CHECK(verbs.endings[verb][Ending::not_found] == 1);
    }
    harness.server.add_fault(refuse({.method = "get"}, 403));
    verbs.one(verbs.operation(Verb::get));
    CHECK(verbs.endings[Verb::get][Ending::failed] == 1);
}

TEST_CASE("faults at every verb are retried by one policy") {
    for (const Verb verb :
         {Verb::get, Verb::list, Verb::update, Verb::patch, Verb::delete_, Verb::deletecollection}) {
        CAPTURE(stats::to_string(verb));
        Harness harness;
        Verbs verbs(harness);
        verbs.fill(2);
        harness.server.add_fault(refuse({.method = std::string(stats::to_string(verb)), .count = 2}, 503));
        verbs.one(verbs.operation(verb));
        CHECK(verbs.endings[verb][Ending::done] == 1);
        const stats::Series& series = harness.recorder.at(verbs.operation(verb).series);
        CHECK(series.retries == 2);
        CHECK(series.operations_ok() == 1);
    }
}

TEST_CASE("a mix of verbs leaves what its registry says, under faults too") {
    Harness harness;
    for (const Effect effect : {Effect::reset_before_store, Effect::reset_after_store}) {
        Fault fault;
        fault.match = {.method = "create", .probability = 0.05};
        fault.effect = effect;
        harness.server.add_fault(fault);
    }
    Verbs verbs(harness);
    const workload::ObjectRegistry nothing;
    workload::Fill creates(verbs.operation(Verb::create), std::span(&verbs.collection, 1), 200, nothing);
    workload::Draw gets(verbs.operation(Verb::get), verbs.registry, 1);
    workload::Draw patches(verbs.operation(Verb::patch), verbs.registry, 2);
    workload::Draw deletes(verbs.operation(Verb::delete_), verbs.registry, 3);
    workload::Mix mix({{4, &creates}, {4, &gets}, {1, &patches}, {1, &deletes}}, 4, 600);
    verbs.run(8, mix);
    const fake_milo::Stats stats = harness.server.stats();
    CHECK(stats.objects_of("configmaps") == verbs.registry.size());
    CHECK(stats.created_twice.empty());
    int all = 0;
    for (const auto& [verb, endings] : verbs.endings) {
        for (const auto& [ending, count] : endings) all += count;
        CHECK_FALSE(endings.contains(Ending::failed));
    }
    CHECK(all == 600);
    // A read may come after the delete of what it drew, and is not found then; a create never is.
    CHECK(verbs.endings[Verb::create][Ending::not_found] == 0);
    CHECK(verbs.endings[Verb::delete_][Ending::not_found] == 0);
}

TEST_CASE("every verb has the figures that creates have") {
    Harness harness;
    Verbs verbs(harness);
    verbs.fill(20);
    for (int i = 0; i < 5; ++i) {
        verbs.one(verbs.operation(Verb::list));
        verbs.one(verbs.operation(Verb::get));
    }
    results::Run run;
    run.requests = results::request_series(harness.recorder);
    CHECK(results::load_of(run) == std::vector<results::Requests>{{"configmaps", Verb::create},
                                                                  {"configmaps", Verb::get},
                                                                  {"configmaps", Verb::list}});
    for (const char* figure : {"p50", "p90", "p99", "p99_9", "max", "throughput", "errors", "error_rate"}) {
        for (const char* verb : {"create", "list", "get"}) {
            const auto name = fmt::format("configmaps.{}.{}", verb, figure);
            CAPTURE(name);
            const auto known = results::find_figure(name);
            REQUIRE(known);
            CHECK(known->value(run).value);
        }
    }
    CHECK(series_of(run, Verb::list).items == 100);
    CHECK_FALSE(results::find_figure("configmaps.watch.p50")->value(run).value);
}
