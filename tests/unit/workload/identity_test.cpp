#include "workload/identity.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <set>

#include "workload/object_kind.hpp"

using namespace milo_perf;
using workload::Identity;
using workload::ObjectKind;

namespace {

boost::json::value parsed(const std::string& text) {
    return boost::json::parse(text);
}

std::string name_of(const ObjectKind& kind, std::uint32_t index) {
    std::string name = "left over";
    kind.write_name(index, name);
    return name;
}

}  // namespace

TEST_CASE("names are those of the replaced runner") {
    const Identity identity("0badcafe", "", 100);
    CHECK(identity.org_name() == "perf-0badcafe");
    CHECK(identity.project_name(7) == "perf-0badcafe-p-007");
    CHECK(identity.label_selector() == "app=milo-perf,test-id=0badcafe");
    CHECK(Identity("x", "perf-cow", 1).project_name(0) == "perf-cow-p-000");
}

TEST_CASE("with more than a thousand Projects all names have the same length") {
    const Identity identity("x", "o", 5000);
    CHECK(identity.project_name(3) == "o-p-0003");
    CHECK(identity.project_name(4999) == "o-p-4999");
}

TEST_CASE("bodies are what Milo's API takes") {
    const Identity identity("0badcafe", "", 100);
    CHECK(parsed(identity.organization_body()) == parsed(R"({
        "apiVersion": "resourcemanager.miloapis.com/v1alpha1", "kind": "Organization",
        "metadata": {"name": "perf-0badcafe", "labels": {"app": "milo-perf", "test-id": "0badcafe"}},
        "spec": {"type": "Standard"}})"));
    CHECK(parsed(identity.project_body("p")) == parsed(R"({
        "apiVersion": "resourcemanager.miloapis.com/v1alpha1", "kind": "Project",
        "metadata": {"name": "p", "labels": {"app": "milo-perf", "test-id": "0badcafe"}},
        "spec": {"ownerRef": {"kind": "Organization", "name": "perf-0badcafe"}}})"));
}

TEST_CASE("a Project is created in its Organization's scope, its objects in its own") {
    CHECK(workload::organization_scope("o") + workload::projects_path() ==
          "/apis/resourcemanager.miloapis.com/v1alpha1/organizations/o/control-plane"
          "/apis/resourcemanager.miloapis.com/v1alpha1/projects");
    CHECK(workload::objects_path("p", "secrets") ==
          "/apis/resourcemanager.miloapis.com/v1alpha1/projects/p/control-plane"
          "/api/v1/namespaces/default/secrets");
}

TEST_CASE("test ids are eight hex digits and differ") {
    std::set<std::string> ids;
    for (int i = 0; i < 100; ++i) {
        const std::string id = workload::random_test_id();
        CHECK(id.size() == 8);
        CHECK(id.find_first_not_of("0123456789abcdef") == std::string::npos);
        ids.insert(id);
    }
    CHECK(ids.size() > 95);
}

TEST_CASE("Secrets and ConfigMaps are those of the replaced runner") {
    const Identity identity("t", "", 1);
    const ObjectKind secret = ObjectKind::secret(identity, 0);
    const ObjectKind configmap = ObjectKind::configmap(identity, 0);
    CHECK(name_of(secret, 7) == "perf-secret-007");
    CHECK(name_of(configmap, 1234) == "perf-configmap-1234");
    std::string body;
    secret.write_body("perf-secret-007", body);
    const boost::json::object made = parsed(body).as_object();
    CHECK(made.at("kind") == "Secret");
    CHECK(made.at("type") == "Opaque");
    CHECK(made.at("metadata") == parsed(R"({"name": "perf-secret-007",
                                            "labels": {"app": "milo-perf", "test-id": "t"}})"));
    CHECK(made.at("stringData").as_object().contains("note"));
    configmap.write_body("c", body);
    CHECK(parsed(body).as_object().at("data").as_object().contains("note"));
}

TEST_CASE("an object's note has the wanted size") {
    std::string body;
    ObjectKind::configmap(Identity("t", "", 1), 5000).write_body("c", body);
    CHECK(parsed(body).at("data").at("note").as_string().size() == 5000);
}

TEST_CASE("an object's index is read back from its name, and from nothing else") {
    const ObjectKind secret = ObjectKind::secret(Identity("t", "", 1), 0);
    for (const std::uint32_t index : {0U, 7U, 999U, 1000U, 123456U}) {
        CHECK(secret.index_of(name_of(secret, index)) == index);
    }
    for (const char* other : {"", "perf-secret-", "perf-secret-x", "perf-secret-1x", "perf-configmap-001",
                              "perf-secret--1", "perf-secret-99999999999"}) {
        CAPTURE(other);
        CHECK_FALSE(secret.index_of(other));
    }
}
