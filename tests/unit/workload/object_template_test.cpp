#include "workload/object_template.hpp"

#include <doctest/doctest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

using namespace milo_perf;
using workload::Identity;
using workload::ObjectTemplate;

namespace {

boost::json::value parsed(const std::string& text) {
    return boost::json::parse(text);
}

std::string name_of(const ObjectTemplate& object, std::uint32_t index) {
    std::string name = "left over";
    object.write_name(index, name);
    return name;
}

std::string body_of(const ObjectTemplate& object, std::string_view name) {
    std::string body = "left over";
    object.write_body(name, body);
    return body;
}

}  // namespace

TEST_CASE("bodies are what Milo's API takes") {
    const Identity identity("0badcafe", "", 100);
    CHECK(parsed(body_of(ObjectTemplate::organization(identity), identity.org_name())) == parsed(R"({
        "apiVersion": "resourcemanager.miloapis.com/v1alpha1", "kind": "Organization",
        "metadata": {"name": "perf-0badcafe", "labels": {"app": "milo-perf", "test-id": "0badcafe"}},
        "spec": {"type": "Standard"}})"));
    CHECK(parsed(body_of(ObjectTemplate::project(identity), "p")) == parsed(R"({
        "apiVersion": "resourcemanager.miloapis.com/v1alpha1", "kind": "Project",
        "metadata": {"name": "p", "labels": {"app": "milo-perf", "test-id": "0badcafe"}},
        "spec": {"ownerRef": {"kind": "Organization", "name": "perf-0badcafe"}}})"));
}

TEST_CASE("Secrets and ConfigMaps are those of the replaced runner") {
    const Identity identity("t", "", 1);
    const ObjectTemplate secret = ObjectTemplate::secret(identity, 0);
    const ObjectTemplate configmap = ObjectTemplate::configmap(identity, 0);
    CHECK(name_of(secret, 7) == "perf-secret-007");
    CHECK(name_of(configmap, 1234) == "perf-configmap-1234");
    const boost::json::object made = parsed(body_of(secret, "perf-secret-007")).as_object();
    CHECK(made.at("apiVersion") == "v1");
    CHECK(made.at("kind") == "Secret");
    CHECK(made.at("type") == "Opaque");
    CHECK(made.at("metadata") == parsed(R"({"name": "perf-secret-007",
                                            "labels": {"app": "milo-perf", "test-id": "t"}})"));
    CHECK(made.at("stringData").as_object().contains("note"));
    CHECK(parsed(body_of(configmap, "c")).as_object().at("data").as_object().contains("note"));
}

TEST_CASE("an object's note has the wanted size") {
    const std::string body = body_of(ObjectTemplate::configmap(Identity("t", "", 1), 5000), "c");
    CHECK(parsed(body).at("data").at("note").as_string().size() == 5000);
}

TEST_CASE("an object's index is read back from its name, and from nothing else") {
    const ObjectTemplate secret = ObjectTemplate::secret(Identity("t", "", 1), 0);
    for (const std::uint32_t index : {0U, 7U, 999U, 1000U, 123456U}) {
        CHECK(secret.index_of(name_of(secret, index)) == index);
    }
    for (const char* other : {"", "perf-secret-", "perf-secret-x", "perf-secret-1x", "perf-configmap-001",
                              "perf-secret--1", "perf-secret-99999999999"}) {
        CAPTURE(other);
        CHECK_FALSE(secret.index_of(other));
    }
}
