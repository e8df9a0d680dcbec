#include "workload/object_registry.hpp"

#include <doctest/doctest.h>

using namespace milo_perf;
using stats::Verb;
using workload::Collection;
using workload::Ending;
using workload::Operation;
using workload::Scope;

TEST_CASE("what is added is there once, in its own collection") {
    const Collection one(workload::types::secrets, Scope::project("one"));
    const Collection other(workload::types::secrets, Scope::project("other"));
    workload::ObjectRegistry registry;
    CHECK_FALSE(registry.contains(one, 0));
    registry.add(one, 3);
    registry.add(one, 3);
    CHECK(registry.size() == 1);
    CHECK(registry.count(one) == 1);
    CHECK(registry.contains(one, 3));
    CHECK_FALSE(registry.contains(one, 2));
    CHECK_FALSE(registry.contains(one, 400));
    CHECK_FALSE(registry.contains(other, 3));
    std::minstd_rand random(1);
    CHECK(registry.take(random)->index == 3);
    CHECK(registry.count(one) == 0);
    CHECK_FALSE(registry.draw(random));
    registry.add(one, 3);
    CHECK(registry.contains(one, 3));
}

TEST_CASE("creates that were acknowledged are known, and deletes that failed give their object back") {
    const Collection secrets(workload::types::secrets, Scope::project("p"));
    workload::ObjectRegistry registry;
    workload::RegistryObserver observer(registry);
    const kube::Reply reply;
    const auto end = [&](Verb verb, std::uint32_t index, Ending ending) {
        const Operation operation{.verb = verb, .collection = &secrets, .index = index};
        observer.ended(operation, {ending, reply});
    };
    end(Verb::create, 0, Ending::done);
    end(Verb::create, 1, Ending::existing);
    end(Verb::create, 2, Ending::failed);
    end(Verb::create, 3, Ending::cancelled);
    end(Verb::get, 4, Ending::done);
    CHECK(registry.count(secrets) == 2);
    std::minstd_rand random(1);
    registry.take(random);
    registry.take(random);
    end(Verb::delete_, 0, Ending::done);
    end(Verb::delete_, 1, Ending::failed);
    CHECK_FALSE(registry.contains(secrets, 0));
    CHECK(registry.contains(secrets, 1));
    end(Verb::delete_, 0, Ending::not_found);
    CHECK_FALSE(registry.contains(secrets, 0));
}
