#include "workload/operation.hpp"

#include <doctest/doctest.h>

using namespace milo_perf;
using workload::Collection;
using workload::ResourceType;
using workload::Scope;
namespace types = workload::types;

namespace {
const std::string milo = "/apis/resourcemanager.miloapis.com/v1alpha1";
}

TEST_CASE("a Project is created in its Organization's scope and read at the root") {
    const Collection projects = Collection::projects_of("o");
    CHECK(projects.path() == milo + "/organizations/o/control-plane" + milo + "/projects");
    CHECK(projects.read_path() == milo + "/projects");
    CHECK(Collection(types::organizations, Scope::root()).path() == milo + "/organizations");
}

TEST_CASE("a Project's objects are in its own scope") {
    const Collection secrets(types::secrets, Scope::project("p"));
    CHECK(secrets.path() == milo + "/projects/p/control-plane/api/v1/namespaces/default/secrets");
    CHECK(secrets.read_path() == secrets.path());
}

TEST_CASE("a resource type is data: any that a server lists has its path") {
    const ResourceType domains{"networking.example.com", "v1beta1", "domains", "Domain", true};
    CHECK(domains.api_version() == "networking.example.com/v1beta1");
    CHECK(
        Collection(domains, Scope::organization("o")).path() ==
        milo +
            "/organizations/o/control-plane/apis/networking.example.com/v1beta1/namespaces/default/domains");
    const ResourceType nodes{"", "v1", "nodes", "Node"};
    CHECK(Collection(nodes, Scope::root()).path() == "/api/v1/nodes");
}
