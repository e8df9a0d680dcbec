#include "kube/name.hpp"

#include <doctest/doctest.h>

#include <string>

#include "kube/scopes.hpp"

using namespace milo_perf::kube;

TEST_CASE("names that are RFC 1123 labels") {
    for (const std::string& name :
         {std::string("a"), std::string("perf-1"), std::string("0"), std::string(63, 'x')}) {
        CAPTURE(name);
        CHECK_FALSE(label_problem(name));
        CHECK_FALSE(subdomain_problem(name));
    }
}

TEST_CASE("names that are no RFC 1123 label say why") {
    struct Case {
        std::string name;
        std::string problem;
    };
    const Case cases[] = {
        {"", "it is empty"},
        {"Perf", "'P' is not allowed, only lower-case letters, digits and '-'"},
        {"a b", "a space or other character is not allowed, only lower-case letters, digits and '-'"},
        {"a.b", "'.' is not allowed, only lower-case letters, digits and '-'"},
        {"-a", "it must begin and end with a lower-case letter or digit"},
        {"a-", "it must begin and end with a lower-case letter or digit"},
        {std::string(64, 'x'), "it has 64 characters and 63 are allowed"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.name);
        CHECK(label_problem(c.name) == c.problem);
    }
}

TEST_CASE("subdomains allow dots between parts that begin and end well") {
    CHECK_FALSE(subdomain_problem("resourcemanager.miloapis.com"));
    CHECK_FALSE(subdomain_problem(std::string(100, 'x')));
    CHECK(subdomain_problem("a..b") == "a part between dots is empty");
    CHECK(subdomain_problem("a.") == "a part between dots is empty");
    CHECK(subdomain_problem("a.-b") ==
          "a part between dots must begin and end with a lower-case letter or digit");
    CHECK(subdomain_problem("a_b") == "'_' is not allowed, only lower-case letters, digits, '.' and '-'");
    CHECK(subdomain_problem(std::string(254, 'x')) == "it has 254 characters and 253 are allowed");
}

TEST_CASE("a scope's prefix stands before the path, and a segment is percent-encoded") {
    CHECK(Scope{}.path("/version") == "/version");
    CHECK(Scope{"/apis/x/control-plane"}.path("/api/v1") == "/apis/x/control-plane/api/v1");
    CHECK(percent_encoded("perf-1_~.") == "perf-1_~.");
    CHECK(percent_encoded("a/b ?%\xC3\xBC") == "a%2Fb%20%3F%25%C3%BC");
}
