#include "session/results_store.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "harness.hpp"

using namespace milo_perf;
using namespace milo_perf::test;
using fake_milo::Effect;
using fake_milo::Fault;
using fake_milo::refuse;
using session::ResultsStore;

namespace {

const std::string path = "/api/v1/namespaces/milo-system/configmaps/perf-results";

Result<> update(Harness& harness, session::DataChange change) {
    ResultsStore store(*harness.client, "milo-system", harness.recorder);
    return harness.run(store.update(std::move(change)));
}

boost::json::object data_of(Harness& harness) {
    return boost::json::parse(harness.server.object(path)).at("data").as_object();
}

void put_foreign(Harness& harness, const std::string& value) {
    harness.server.put_object(
        path, R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{},"data":{"theirs":")" + value + R"("}})");
}

void own(boost::json::object& data) {
    data["ours"] = "1";
}

}  // namespace

TEST_CASE("the results ConfigMap is made where there is none, and keeps what others have in it") {
    Harness harness;
    CHECK(update(harness, own).has_value());
    CHECK(data_of(harness) == boost::json::object{{"ours", "1"}});
    put_foreign(harness, "kept");
    CHECK(update(harness, own).has_value());
    CHECK(data_of(harness) == boost::json::object{{"theirs", "kept"}, {"ours", "1"}});
}

TEST_CASE("someone else's write between read and write is not lost") {
    Harness harness;
    put_foreign(harness, "old");
    bool first = true;
    const Result<> written = update(harness, [&](boost::json::object& data) {
        if (first) put_foreign(harness, "new");
        first = false;
        own(data);
    });
    CHECK(written.has_value());
    CHECK(data_of(harness) == boost::json::object{{"theirs", "new"}, {"ours", "1"}});
    CHECK(harness.server.stats().requests_of("update configmaps") == 2);
}

TEST_CASE("a ConfigMap that somebody makes or removes between read and write is looked at again") {
    Harness harness;
    int calls = 0;
    const Result<> written = update(harness, [&](boost::json::object& data) {
        ++calls;
        if (calls == 1) put_foreign(harness, "made meanwhile");
        if (calls == 2) harness.server.delete_object(path);
        own(data);
    });
    CHECK(written.has_value());
    CHECK(calls == 3);
    CHECK(data_of(harness) == boost::json::object{{"ours", "1"}});
}

TEST_CASE("a ConfigMap that is always written by others, or is too large, ends in a sentence") {
    for (const int status : {409, 413, 422}) {
        CAPTURE(status);
        Harness harness;
        put_foreign(harness, "kept");
        harness.server.add_fault(refuse({.method = "update", .path = "perf-results"}, status));
        const std::string problem = update(harness, own).error().sentence;
        CHECK(problem.find("ConfigMap milo-system/perf-results could not be written: ") == 0);
        CHECK((problem.find("see what else it holds") != std::string::npos) == (status != 409));
        CHECK(data_of(harness) == boost::json::object{{"theirs", "kept"}});
        CHECK(harness.server.stats().requests_of("update configmaps") == (status == 409 ? 8 : 1));
    }
}

TEST_CASE("an answer that is no ConfigMap is not written back") {
    Harness harness;
    put_foreign(harness, "kept");
    for (const Effect effect : {Effect::malformed_json, Effect::wrong_content_type}) {
        harness.server.clear_faults();
        Fault fault;
        fault.match = {.method = "get", .path = "perf-results"};
        fault.effect = effect;
        harness.server.add_fault(fault);
        CHECK(update(harness, own).error().sentence.find("the answer is not a ConfigMap") !=
              std::string::npos);
        ResultsStore store(*harness.client, "milo-system", harness.recorder);
        const auto read = harness.run(store.read());
        REQUIRE(read.has_error());
        CHECK(read.error().sentence.find("the answer is not a ConfigMap") != std::string::npos);
    }
    CHECK(harness.server.stats().requests_of("update configmaps") == 0);
    CHECK(data_of(harness) == boost::json::object{{"theirs", "kept"}});
}
