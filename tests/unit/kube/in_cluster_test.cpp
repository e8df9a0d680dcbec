#include "kube/in_cluster.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>

#include "unit/kube/kube_test_support.hpp"

using namespace milo_perf;
using namespace milo_perf::kube;
using test::contains;
using test::sentence_of;

namespace {

const Environment pod{{"KUBERNETES_SERVICE_HOST", "10.96.0.1"}, {"KUBERNETES_SERVICE_PORT", "443"}};

void fill(const test::TempFolder& folder) {
    folder.write("token", "service-account-token");
    folder.write("ca.crt", test::make_certificate().certificate_pem);
    folder.write("namespace", "milo-system");
}

}  // namespace

TEST_CASE("the cluster a pod runs in") {
    const test::TempFolder folder;
    fill(folder);
    CHECK(in_cluster_available(pod, folder.path()));
    const ClusterConfig config = in_cluster_config(pod, folder.path());
    CHECK(config.context == "in-cluster");
    CHECK(config.endpoint.host == "10.96.0.1");
    CHECK(config.endpoint.port == 443);
    CHECK(config.endpoint.tls);
    CHECK(config.endpoint.tls_options.verify);
    CHECK(contains(config.endpoint.tls_options.ca_pem, "BEGIN CERTIFICATE"));
    CHECK(config.namespace_ == "milo-system");
    CHECK(config.credentials->authorization() == "Bearer service-account-token");
}

TEST_CASE("an IPv6 service host stands with or without brackets") {
    const test::TempFolder folder;
    fill(folder);
    for (const char* host : {"fd00::1", "[fd00::1]"}) {
        const Environment environment{{"KUBERNETES_SERVICE_HOST", host}, {"KUBERNETES_SERVICE_PORT", "6443"}};
        const ClusterConfig config = in_cluster_config(environment, folder.path());
        CHECK(config.endpoint.host == "fd00::1");
        CHECK(config.endpoint.port == 6443);
    }
}

TEST_CASE("a rotated service account token is read after a 401") {
    const test::TempFolder folder;
    fill(folder);
    const ClusterConfig config = in_cluster_config(pod, folder.path());
    folder.write("token", "rotated");
    CHECK_FALSE(config.credentials->refresh_due(Clock::now()));
    config.credentials->invalidate("Bearer service-account-token",
                                   config.credentials->client_certificate_generation());
    CHECK(config.credentials->refresh_due(Clock::now()));
    boost::asio::io_context context;
    CHECK(test::run(context, config.credentials->refresh()).empty());
    CHECK(config.credentials->authorization() == "Bearer rotated");
}

TEST_CASE("no pod, or one without a service account") {
    const test::TempFolder folder;
    CHECK_FALSE(in_cluster_available(pod, folder.path()));
    CHECK_FALSE(in_cluster_available({}, folder.path()));
    const auto problem = [&](const Environment& environment) {
        return sentence_of([&] { in_cluster_config(environment, folder.path()); });
    };
    CHECK(contains(problem({}), "KUBERNETES_SERVICE_HOST is not set"));
    CHECK(contains(problem({{"KUBERNETES_SERVICE_HOST", "a"}, {"KUBERNETES_SERVICE_PORT", "x"}}),
                   "KUBERNETES_SERVICE_PORT is no port"));
    CHECK(contains(problem(pod), "ca.crt cannot be read (No such file or directory)"));
    fill(folder);
    folder.write("ca.crt", "garbage");
    CHECK(contains(problem(pod), "ca.crt cannot be used, for it holds no readable PEM certificate"));
    fill(folder);
    folder.write("namespace", "");
    CHECK(contains(problem(pod), "namespace holds no namespace's name, for it is empty"));
    fill(folder);
    std::filesystem::remove(folder.path() / "token");
    CHECK(contains(problem(pod), "token cannot be read"));
}
