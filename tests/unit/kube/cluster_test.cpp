#include "kube/cluster.hpp"

#include <doctest/doctest.h>

#include <boost/asio/io_context.hpp>
#include <string>

#include "base/base64.hpp"
#include "unit/kube/kube_test_support.hpp"

using namespace milo_perf;
using namespace milo_perf::kube;
using test::contains;
using test::sentence_of;

namespace {

/// A kubeconfig with one context "x" of a cluster and a user with these fields.
std::string kubeconfig(const std::string& cluster, const std::string& user) {
    return "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n"
           "clusters: [{name: c, cluster: {" +
           cluster + "}}]\nusers: [{name: u, user: {" + user + "}}]\n";
}

const std::string https = "server: 'https://milo.example:6443'";

ClusterConfig resolve(const test::TempFolder& folder, const std::string& yaml, Environment environment = {},
                      std::string bearer_token = {}, std::string context = {}) {
    return resolve_cluster({{folder.write("config", yaml)},
                            std::move(context),
                            std::move(bearer_token),
                            std::move(environment)});
}

}  // namespace

TEST_CASE("a server's URL becomes an endpoint") {
    struct Case {
        const char* server;
        const char* host;
        int port;
        bool tls;
        const char* prefix;
    };
    const Case cases[] = {
        {"https://milo.example:6443", "milo.example", 6443, true, ""},
        {"https://milo.example", "milo.example", 443, true, ""},
        {"https://milo.example/", "milo.example", 443, true, ""},
        {"https://milo.example/k8s/c-1//", "milo.example", 443, true, "/k8s/c-1"},
        {"HTTPS://milo.example:6443", "milo.example", 6443, true, ""},
        {"https://milo.example.:6443", "milo.example.", 6443, true, ""},
        {"https://milo.example?x=1", "milo.example", 443, true, ""},
        {"https://milo.example/k8s?x=1#y", "milo.example", 443, true, "/k8s"},
        {"https://milo.example:/#y", "milo.example", 443, true, ""},
        {"https://milo.example/a b", "milo.example", 443, true, "/a%20b"},
        {"https://[fd00::1]:6443", "fd00::1", 6443, true, ""},
        {"https://10.0.0.1:6443", "10.0.0.1", 6443, true, ""},
        {"http://127.0.0.1:8001", "127.0.0.1", 8001, false, ""},
        {"http://localhost", "localhost", 80, false, ""},
        {"localhost:8080", "localhost", 8080, false, ""},
    };
    const test::TempFolder folder;
    for (const Case& c : cases) {
        CAPTURE(c.server);
        const ClusterConfig config =
            resolve(folder, kubeconfig("server: '" + std::string(c.server) + "'", ""));
        CHECK(config.endpoint.host == c.host);
        CHECK(config.endpoint.port == c.port);
        CHECK(config.endpoint.tls == c.tls);
        CHECK(config.endpoint.path_prefix == c.prefix);
        CHECK(config.endpoint.tls_options.verify);
        CHECK_FALSE(config.endpoint.proxy);
        CHECK(config.credentials->authorization().empty());
        CHECK(config.namespace_ == "default");
        CHECK(config.context == "x");
    }
}

TEST_CASE("a server without a scheme is an https one when there is TLS to it") {
    const test::TempFolder folder;
    CHECK(resolve(folder, kubeconfig("server: 'a:6443', insecure-skip-tls-verify: true", "")).endpoint.tls);
}

TEST_CASE("servers that cannot be used") {
    struct Case {
        const char* cluster;
        const char* part;
    };
    const Case cases[] = {
        {"tls-server-name: a", "has no server"},
        {"server: 'ftp://a'", "its scheme is 'ftp'"},
        {"server: 'https://'", "it names no host"},
        {"server: 'https://a:0'", "its port is not between 1 and 65535"},
        {"server: 'https://a:70000'", "its port is not between 1 and 65535"},
        {"server: 'https://a b'", "it is no URL"},
        {"server: 'https://me:hunter2@'", "it names no host"},
        {"server: 'https://a%0d%0aX-Remote-User:%20admin'", "a character that no host may hold"},
        {"server: 'https://a%00b'", "a character that no host may hold"},
        {"server: 'https://a', proxy-url: 'socks4://u:hunter2@p'", "The proxy in proxy-url of cluster 'c'"},
        {"server: 'https://a', insecure-skip-tls-verify: true, certificate-authority: x",
         "specifying a root certificates file with the insecure flag is not allowed"},
        {"server: 'https://a', certificate-authority: gone.crt",
         "cannot be read (No such file or directory)"},
        {"server: 'https://a', certificate-authority-data: eA==", "it holds no readable PEM certificate"},
    };
    const test::TempFolder folder;
    for (const Case& c : cases) {
        CAPTURE(c.cluster);
        const std::string sentence = sentence_of([&] { resolve(folder, kubeconfig(c.cluster, "")); });
        CAPTURE(sentence);
        CHECK(contains(sentence, c.part));
        CHECK(contains(sentence, (folder.path() / "config").string()));
        CHECK_FALSE(contains(sentence, "hunter2"));
    }
}

TEST_CASE("TLS options: CA as data and as a file beside the kubeconfig, server name, no verification") {
    const test::TempFolder folder;
    const std::string ca = test::make_certificate().certificate_pem;
    const auto data =
        resolve(folder, kubeconfig(https + ", certificate-authority-data: " + encode_base64(ca), ""));
    CHECK(data.endpoint.tls_options.ca_pem == ca);
    folder.write("pki/ca.crt", ca);
    const auto file =
        resolve(folder, kubeconfig(https + ", certificate-authority: pki/ca.crt, tls-server-name: name", ""));
    CHECK(file.endpoint.tls_options.ca_pem == ca);
    CHECK(file.endpoint.tls_options.server_name == "name");
    const auto insecure = resolve(folder, kubeconfig(https + ", insecure-skip-tls-verify: true", ""));
    CHECK_FALSE(insecure.endpoint.tls_options.verify);
}

TEST_CASE("what a user is known by") {
    const test::TempFolder folder;
    folder.write("token", "from-file\n");
    CHECK(resolve(folder, kubeconfig(https, "token: abc")).credentials->authorization() == "Bearer abc");
    CHECK(resolve(folder, kubeconfig(https, "tokenFile: token")).credentials->authorization() ==
          "Bearer from-file");
    CHECK(resolve(folder, kubeconfig(https, "token: abc, tokenFile: token")).credentials->authorization() ==
          "Bearer from-file");
    CHECK(resolve(folder, kubeconfig(https, "token: abc, tokenFile: gone")).credentials->authorization() ==
          "Bearer abc");
    CHECK(resolve(folder, kubeconfig(https, "username: me, password: pw")).credentials->authorization() ==
          "Basic bWU6cHc=");
}

TEST_CASE("a client certificate as data and as files") {
    const test::TempFolder folder;
    const auto mine = test::make_certificate();
    const std::string data = "client-certificate-data: " + encode_base64(mine.certificate_pem) +
                             ", client-key-data: " + encode_base64(mine.key_pem);
    folder.write("me.crt", mine.certificate_pem);
    folder.write("me.key", mine.key_pem);
    const std::string mixed = "client-certificate: me.crt, client-key-data: " + encode_base64(mine.key_pem);
    for (const std::string& user :
         {data, std::string("client-certificate: me.crt, client-key: me.key"), mixed}) {
        const ClusterConfig config = resolve(folder, kubeconfig(https, user));
        CHECK(config.endpoint.tls_options.client_certificate_pem == mine.certificate_pem);
        CHECK(config.endpoint.tls_options.client_key_pem == mine.key_pem);
        CHECK(config.credentials->client_certificate() ==
              ClientCertificate{mine.certificate_pem, mine.key_pem});
        CHECK(config.credentials->authorization().empty());
    }
}

TEST_CASE("AUTH_BEARER_TOKEN replaces tokens, passwords and plugins and leaves the client certificate") {
    const test::TempFolder folder;
    const auto mine = test::make_certificate();
    folder.write("me.crt", mine.certificate_pem);
    folder.write("me.key", mine.key_pem);
    for (const char* user : {"token: abc", "tokenFile: gone", "username: me, password: pw", "",
                             "exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: gone}",
                             "client-certificate: me.crt, client-key: me.key, tokenFile: gone"}) {
        CAPTURE(user);
        const ClusterConfig config = resolve(folder, kubeconfig(https, user), {}, "override");
        CHECK(config.credentials->authorization() == "Bearer override");
        CHECK_FALSE(config.credentials->refresh_due(Clock::now()));
        CHECK(config.endpoint.tls_options.client_key_pem.empty() == !contains(user, "client-key"));
    }
}

TEST_CASE("AUTH_BEARER_TOKEN stands in for credentials that cannot be used") {
    const test::TempFolder folder;
    for (const char* user :
         {"exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: gone}", "exec: 7",
          "auth-provider: {name: azure}", "token: 7", "token: a, username: b", "tokenFile: [x]",
          "exec: {apiVersion: client.authentication.k8s.io/v1, command: gone, env: [{}]}"}) {
        CAPTURE(user);
        CHECK_FALSE(sentence_of([&] { resolve(folder, kubeconfig(https, user)); }).empty());
        CHECK(resolve(folder, kubeconfig(https, user), {}, "override").credentials->authorization() ==
              "Bearer override");
    }
    CHECK(resolve(folder, kubeconfig("server: 'https://me:hunter2@a'", "token: t"), {}, "override")
              .credentials->authorization() == "Bearer override");
    CHECK(resolve(folder, kubeconfig(https, "token: t, as: me"), {}, "override").endpoint.header_fields ==
          "Impersonate-User: me\r\n");
}

TEST_CASE("user and password in the server's URL go before the user's own, as in Go") {
    const test::TempFolder folder;
    for (const char* user : {"", "token: t", "username: a, password: b", "exec: 7"}) {
        CAPTURE(user);
        const ClusterConfig config = resolve(folder, kubeconfig("server: 'https://me:p%40w@a'", user));
        CHECK(config.credentials->authorization() == "Basic bWU6cEB3");
        CHECK(config.endpoint.host == "a");
    }
}

TEST_CASE("a user acts as another") {
    const test::TempFolder folder;
    const auto fields = [&](const char* user) {
        return resolve(folder, kubeconfig(https, user)).endpoint.header_fields;
    };
    CHECK(fields("token: t") == "");
    CHECK(fields("as: '', as-groups: []") == "");
    CHECK(fields("as: me") == "Impersonate-User: me\r\n");
    CHECK(fields("as: 'system:serviceaccount:a:b', as-uid: u-1, as-groups: ['system:masters', two]") ==
          "Impersonate-User: system:serviceaccount:a:b\r\nImpersonate-Uid: u-1\r\n"
          "Impersonate-Group: system:masters\r\nImpersonate-Group: two\r\n");
    CHECK(fields("as: m\xc3\xbc, as-user-extra: {'a.b/c%d ': [v, w], e: []}") ==
          "Impersonate-User: m\xc3\xbc\r\nImpersonate-Extra-a.b%2Fc%25d%20: v\r\n"
          "Impersonate-Extra-a.b%2Fc%25d%20: w\r\n");
}

TEST_CASE("only the entries in use count") {
    const test::TempFolder folder;
    const std::string good =
        "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}, {name: w, context: 7}, "
        "{name: z, context: {cluster: old, user: old}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://c'}}, {name: old, cluster: {server: 7}}, "
        "{name: '', cluster: {insecure-skip-tls-verify: maybe}}]\n";
    for (const char* users :
         {"users: [{name: u, user: {token: t}}, {name: old, user: {exec: 7}}]",
          "users: [{name: old, user: {client-key-data: '*'}}, {name: u, user: {token: t}}]",
          "users: [{name: u, user: {token: t}}, {user: {as-uid: '7'}}, {name: old}]",
          "users: [{name: old, user: [7]}, {name: u, user: {token: t}}]"}) {
        CAPTURE(users);
        CHECK(resolve(folder, good + users).credentials->authorization() == "Bearer t");
        CHECK(contains(sentence_of([&] { resolve(folder, good + users, {}, {}, "w"); }),
                       "The field context of context 'w'"));
        CHECK(contains(sentence_of([&] { resolve(folder, good + users, {}, {}, "z"); }),
                       "The field server of cluster 'old'"));
    }
}

TEST_CASE("a key without a certificate is left alone, and so is a CA for a server without TLS") {
    const test::TempFolder folder;
    CHECK(resolve(folder, kubeconfig(https, "token: t, client-key: gone")).credentials->authorization() ==
          "Bearer t");
    CHECK(resolve(folder, kubeconfig(https, "client-key-data: eA==")).endpoint.tls_options.client_key_pem ==
          "");
    CHECK(resolve(folder, kubeconfig("server: 'http://a', insecure-skip-tls-verify: yes, "
                                     "certificate-authority-data: eA==",
                                     ""))
              .endpoint.tls_options.ca_pem == "");
}

TEST_CASE("users that cannot be used") {
    const test::TempFolder folder;
    const auto mine = test::make_certificate();
    const auto other = test::make_certificate();
    const auto expired = test::make_certificate(std::chrono::seconds(-60));
    const auto data = [](const std::string& certificate, const std::string& key) {
        return "client-certificate-data: " + encode_base64(certificate) +
               ", client-key-data: " + encode_base64(key);
    };
    folder.write("me.crt", mine.certificate_pem);
    folder.write("other.key", other.key_pem);
    folder.write("two-lines", "hunter2\nhunter2\n");
    folder.write("empty", "\n");
    struct Case {
        std::string user;
        const char* part;
    };
    const Case cases[] = {
        {"auth-provider: {name: gcp}", "has auth-provider, which is not supported"},
        {"as-groups: [a]", "The field as of user 'u'"},
        {"token: hunter2, as: \"a\\r\\nX-Other: hunter2\"", "has as with a line break or the like"},
        {"as: a, as-groups: [\"hunter2\\n\"]", "has as-groups with a line break or the like"},
        {"token: hunter2, username: me", "has both a token and a username with password"},
        {"client-certificate: me.crt", "has a client-certificate without a client-key"},
        {"client-certificate: gone.crt, client-key: other.key",
         "gone.crt of the kubeconfig's user cannot be read"},
        {"client-certificate: me.crt, client-key: gone.key",
         "gone.key of the kubeconfig's user cannot be read"},
        {"client-certificate: me.crt, client-key: other.key", "the key does not belong to the certificate"},
        {data(mine.certificate_pem, other.key_pem), "the key does not belong to the certificate"},
        {data(expired.certificate_pem, expired.key_pem), "the certificate expired at 20"},
        {data("x", mine.key_pem), "the certificate is no readable PEM certificate"},
        {"tokenFile: gone", "gone of the kubeconfig's user cannot be read"},
        {"tokenFile: two-lines", "holds more than one line"},
        {"tokenFile: empty", "is empty"},
        {"token: \"hunter2\\nx\"", "holds a character that no HTTP header may hold"},
    };
    for (const Case& c : cases) {
        CAPTURE(c.user);
        const std::string sentence = sentence_of([&] { resolve(folder, kubeconfig(https, c.user)); });
        CAPTURE(sentence);
        CHECK(contains(sentence, c.part));
        CHECK_FALSE(contains(sentence, "hunter2"));
        CHECK_FALSE(contains(sentence, mine.key_pem));
        CHECK_FALSE(contains(sentence, "\n"));
    }
}

TEST_CASE("contexts: the current one, a named one, and ones that lead nowhere") {
    const test::TempFolder folder;
    const std::string yaml = R"(
current-context: one
contexts:
- {name: one, context: {cluster: c1, user: u1, namespace: first}}
- {name: two, context: {cluster: c2}}
- {name: no-cluster, context: {cluster: c9, user: u1}}
- {name: no-user, context: {cluster: c1, user: u9}}
- {name: bad-namespace, context: {cluster: c1, namespace: A_B}}
- {name: empty, context: {}}
clusters:
- {name: c1, cluster: {server: "https://one"}}
- {name: c2, cluster: {server: "https://two"}}
users:
- {name: u1, user: {token: t1}}
)";
    CHECK(resolve(folder, yaml).endpoint.host == "one");
    CHECK(resolve(folder, yaml).namespace_ == "first");
    CHECK(resolve(folder, yaml).credentials->authorization() == "Bearer t1");
    const ClusterConfig two = resolve(folder, yaml, {}, {}, "two");
    CHECK(two.endpoint.host == "two");
    CHECK(two.context == "two");
    CHECK(two.credentials->authorization().empty());
    const auto problem = [&](const char* context) {
        return sentence_of([&] { resolve(folder, yaml, {}, {}, context); });
    };
    CHECK(contains(problem("three"),
                   "has no context 'three': name one that it has ('bad-namespace', 'empty', "));
    CHECK(contains(problem("no-cluster"),
                   "names the cluster 'c9', which does not exist: name one that exists ('c1', 'c2')"));
    CHECK(contains(problem("no-user"),
                   "names the user 'u9', which does not exist: name one that exists ('u1')"));
    CHECK(resolve(folder, yaml, {}, {}, "bad-namespace").namespace_ == "A_B");
    CHECK(resolve(folder, yaml, {}, "override", "no-user").credentials->authorization() == "Bearer override");
    CHECK(contains(problem("empty"), "names the cluster ''"));
    CHECK(contains(sentence_of([&] { resolve(folder, "contexts: [{name: a, context: {}}]"); }),
                   "has no current-context and no context was named: name one of its contexts ('a')"));
}

TEST_CASE("several files: entries of one may refer to another's, with paths from their own folder") {
    const test::TempFolder folder;
    folder.write("b/token", "beside-b");
    const auto a = folder.write(
        "a/config", "current-context: x\ncontexts: [{name: x, context: {cluster: c, user: u}}]\n");
    const auto b = folder.write("b/config",
                                "clusters: [{name: c, cluster: {server: 'https://b'}}]\n"
                                "users: [{name: u, user: {tokenFile: token}}]\n");
    const ClusterConfig config = resolve_cluster({{a, folder.path() / "gone", b}, {}, {}, {}});
    CHECK(config.endpoint.host == "b");
    CHECK(config.credentials->authorization() == "Bearer beside-b");
}

TEST_CASE("a cluster's proxy-url comes before the environment's, which spares loopback") {
    const test::TempFolder folder;
    const Environment environment{{"HTTPS_PROXY", "http://from-environment:1"}};
    CHECK(resolve(folder, kubeconfig(https, ""), environment).endpoint.proxy->host == "from-environment");
    CHECK(resolve(folder, kubeconfig(https + ", proxy-url: 'https://own'", ""), environment)
              .endpoint.proxy->host == "own");
    CHECK_FALSE(
        resolve(folder, kubeconfig("server: 'https://127.0.0.1:6443'", ""), environment).endpoint.proxy);
}

TEST_CASE("a kubeconfig with secrets that others can read gets a warning") {
    namespace fs = std::filesystem;
    const test::TempFolder folder;
    const auto warnings = [&](const char* user, fs::perms perms, const Environment& environment = {}) {
        const auto path = folder.write("config", kubeconfig(https, user));
        fs::permissions(path, perms);
        return resolve_cluster({{path}, {}, {}, environment}).warnings;
    };
    const auto owner = fs::perms::owner_read | fs::perms::owner_write;
    CHECK(warnings("token: hunter2", owner).empty());
    CHECK(warnings("", owner | fs::perms::others_read).empty());
    const auto loose = warnings("token: hunter2", owner | fs::perms::group_read);
    REQUIRE(loose.size() == 1);
    CHECK(contains(loose[0], "config holds secrets and others than its owner can read it (mode 0640)"));
    CHECK_FALSE(contains(loose[0], "hunter2"));
    const Environment pod{{"KUBERNETES_SERVICE_HOST", "10.0.0.1"}};
    CHECK(warnings("token: hunter2", owner | fs::perms::group_read, pod).empty());
    CHECK(warnings("token: hunter2", owner | fs::perms::others_read, pod).size() == 1);
}

TEST_CASE("credentials over plain http get a warning unless the server is this machine") {
    const test::TempFolder folder;
    const auto warnings = [&](const char* server) {
        return resolve(folder, kubeconfig("server: '" + std::string(server) + "'", "token: hunter2"))
            .warnings;
    };
    CHECK(warnings("http://127.0.0.1:8001").empty());
    CHECK(warnings("http://localhost:8001").empty());
    REQUIRE(warnings("http://milo.example").size() == 1);
    CHECK(contains(warnings("http://milo.example")[0], "go unencrypted to http://milo.example:80"));
}

TEST_CASE("where kubeconfigs are by default") {
    using Paths = std::vector<std::filesystem::path>;
    CHECK(kubeconfig_paths({{"KUBECONFIG", "/a:b::/c"}, {"HOME", "/home/me"}}) == Paths{"/a", "b", "/c"});
    CHECK(kubeconfig_paths({{"HOME", "/home/me"}}) == Paths{"/home/me/.kube/config"});
    CHECK(kubeconfig_paths({{"KUBECONFIG", ""}, {"HOME", "/home/me"}}) == Paths{"/home/me/.kube/config"});
    CHECK(kubeconfig_paths({}).empty());
}
