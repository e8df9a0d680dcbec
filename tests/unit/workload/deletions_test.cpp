#include "workload/deletions.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <functional>
#include <set>

using namespace milo_perf;
using stats::Verb;
using workload::Deletions;
using workload::Ending;
using workload::Operation;
namespace types = workload::types;

namespace {

/// Drives deletions as a closed loop does, slot by slot in turn, and answers them.
class Loop {
  public:
    using Answer = std::function<Ending(const Operation&)>;

    explicit Loop(Answer answer) : answer_(std::move(answer)) {}

    void run(Deletions& deletions, std::uint32_t slots) {
        std::vector<bool> done(slots, false);
        for (std::uint32_t ended = 0; ended < slots;) {
            for (std::uint32_t slot = 0; slot < slots; ++slot) {
                if (done[slot]) continue;
                const auto next = deletions.next({.slot = slot, .now = {}});
                if (next.kind == workload::Source::Next::Kind::done) {
                    done[slot] = true;
                    ++ended;
                } else {
                    serve(deletions, next.item);
                }
            }
        }
    }

    /// "delete secrets perf-secret-000" and the like, in their order.
    std::vector<std::string> seen;
    std::vector<std::string> there{"a", "b"};

  private:
    void serve(Deletions& deletions, const Operation& operation) {
        std::string text(stats::to_string(operation.verb));
        text += " " + operation.collection->type().plural;
        if (operation.verb == Verb::delete_) text += " " + std::string(operation.name);
        seen.push_back(text);
        if (operation.verb == Verb::list) {
            for (const std::string& name : there) {
                auto object = boost::json::parse(R"({"metadata":{"name":")" + name + R"("}})");
                deletions.object(operation, object.as_object());
            }
        }
        kube::Reply reply;
        reply.message = "refused";
        deletions.ended(operation, {answer_(operation), reply});
    }

    Answer answer_;
};

struct Run {
    Deletions deletions(std::vector<const workload::ResourceType*> contents,
                        const workload::ResourceType* own, int projects) {
        std::vector<workload::Deletable> all;
        for (int i = 0; i < projects; ++i) all.push_back({"p" + std::to_string(i), {}});
        return {identity, {recorder, "cleanup", stats::Purpose::support},
                journal,  std::move(contents),
                own,      std::move(all)};
    }

    workload::Identity identity{"0badcafe", "", 3};
    stats::Recorder recorder{Clock::now()};
    workload::Journal journal{Clock::now()};
};

}  // namespace

TEST_CASE("each Project's collections go first, each with one request, then the Project itself") {
    Run run;
    Deletions deletions = run.deletions({&types::secrets, &types::configmaps}, &types::projects, 2);
    Loop loop([](const Operation& operation) {
        if (operation.verb == Verb::deletecollection)
            CHECK(operation.label_selector == "app=milo-perf,test-id=0badcafe");
        return Ending::done;
    });
    loop.run(deletions, 1);
    CHECK(loop.seen == std::vector<std::string>{"deletecollection secrets", "deletecollection configmaps",
                                                "delete projects p0", "deletecollection secrets",
                                                "deletecollection configmaps", "delete projects p1"});
    CHECK(deletions.refused() == 0);
}

TEST_CASE("a collection that the server does not delete as a whole goes object by object") {
    Run run;
    Deletions deletions = run.deletions({&types::secrets}, &types::projects, 1);
    Loop loop([](const Operation& operation) {
        return operation.verb == Verb::deletecollection ? Ending::failed : Ending::done;
    });
    loop.run(deletions, 1);
    CHECK(loop.seen == std::vector<std::string>{"deletecollection secrets", "list secrets",
                                                "delete secrets b", "delete secrets a",
                                                "delete projects p0"});
    CHECK(run.journal.failures() == 0);
}

TEST_CASE("every Project is deleted once, however many slots take part") {
    for (const std::uint32_t slots : {1U, 2U, 5U, 7U}) {
        CAPTURE(slots);
        Run run;
        Deletions deletions = run.deletions({&types::secrets}, &types::projects, 7);
        Loop loop([](const Operation&) { return Ending::not_found; });
        loop.run(deletions, slots);
        CHECK(loop.seen.size() == 14);
        std::multiset<std::string> seen(loop.seen.begin(), loop.seen.end());
        CHECK(seen.count("deletecollection secrets") == 7);
        for (int i = 0; i < 7; ++i) CHECK(seen.count("delete projects p" + std::to_string(i)) == 1);
        CHECK(deletions.refused() == 0);
    }
}

TEST_CASE("what is refused is counted and stands in the journal") {
    Run run;
    Deletions deletions = run.deletions({&types::secrets}, &types::projects, 3);
    Loop loop([](const Operation& operation) {
        return operation.verb == Verb::delete_ && operation.name == "p1" ? Ending::failed : Ending::done;
    });
    loop.run(deletions, 2);
    CHECK(deletions.refused() == 1);
    CHECK(run.journal.main_failure() == "deleting projects: refused");
}

TEST_CASE("Projects that stay count when something is left in them") {
    Run run;
    Deletions deletions = run.deletions({&types::secrets}, nullptr, 3);
    Loop loop([](const Operation& operation) {
        if (operation.verb == Verb::deletecollection) return Ending::failed;
        return operation.verb == Verb::list ? Ending::failed : Ending::done;
    });
    loop.run(deletions, 3);
    CHECK(deletions.refused() == 3);
    CHECK(loop.seen.size() == 6);
    CHECK(run.journal.main_failure() == "listing secrets: refused (3 times)");
}
