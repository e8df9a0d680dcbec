#include "kube/kubeconfig.hpp"

#include <doctest/doctest.h>

#include <string>

#include "unit/kube/kube_test_support.hpp"

using namespace milo_perf;
using namespace milo_perf::kube;
using test::contains;
using test::sentence_of;

namespace {

std::string cluster_with(const std::string& fields) {
    return "clusters: [{name: c, cluster: {server: 'https://a', " + fields + "}}]";
}
std::string user_with(const std::string& fields) {
    return "users: [{name: u, user: {" + fields + "}}]";
}

std::string problem_of(const std::string& yaml) {
    return sentence_of([&] { parse_kubeconfig(yaml, "/k/config"); });
}

/// What stands in the way of using cluster "c", user "u" or the user's credentials.
std::string entry_problem_of(const std::string& yaml) {
    const Kubeconfig config = parse_kubeconfig(yaml, "/k/config");
    if (config.clusters.contains("c")) return config.clusters.at("c").problem;
    const KubeconfigUser& user = config.users.at("u");
    return user.problem.empty() ? user.credentials_problem : user.problem;
}

}  // namespace

TEST_CASE("all fields of a kubeconfig") {
    const Kubeconfig config = parse_kubeconfig(R"(
apiVersion: v1
kind: Config
current-context: dev
preferences: {}
clusters:
- name: dev-cluster
  cluster:
    server: https://dev:6443/prefix
    tls-server-name: inner
    certificate-authority: pki/ca.crt
    proxy-url: http://proxy:3128
    extensions:
    - name: other
      extension: {a: 1}
    - name: client.authentication.k8s.io/exec
      extension: {audience: "7", count: 7, deep: [true, null, 1.5, text]}
users:
- name: by-token
  user: {token: abc, tokenFile: /abs/token}
- name: by-certificate
  user: {client-certificate: me.crt, client-key: ../me.key}
- name: by-data
  user: {client-certificate-data: Y2VydA==, client-key-data: a2V5}
- name: by-password
  user: {username: me, password: "12:3"}
contexts:
- name: dev
  context: {cluster: dev-cluster, user: by-token, namespace: perf}
)",
                                               "/k/config");
    CHECK(config.current_context == "dev");
    const KubeconfigCluster& cluster = config.clusters.at("dev-cluster");
    CHECK(cluster.server == "https://dev:6443/prefix");
    CHECK(cluster.tls_server_name == "inner");
    CHECK_FALSE(cluster.insecure_skip_tls_verify);
    CHECK(cluster.certificate_authority == "/k/pki/ca.crt");
    CHECK(cluster.proxy_url == "http://proxy:3128");
    CHECK(cluster.exec_config_json == R"({"audience":"7","count":7,"deep":[true,null,1.5E0,"text"]})");
    CHECK(config.users.at("by-token").token == "abc");
    CHECK(config.users.at("by-token").token_file == "/abs/token");
    CHECK(config.users.at("by-token").holds_secrets());
    CHECK(config.users.at("by-certificate").client_certificate == "/k/me.crt");
    CHECK(config.users.at("by-certificate").client_key == "/me.key");
    CHECK_FALSE(config.users.at("by-certificate").holds_secrets());
    CHECK(config.users.at("by-data").client_certificate_pem == "cert");
    CHECK(config.users.at("by-data").client_key_pem == "key");
    CHECK(config.users.at("by-data").holds_secrets());
    CHECK(config.users.at("by-password").password == "12:3");
    const KubeconfigContext& context = config.contexts.at("dev");
    CHECK(context.cluster == "dev-cluster");
    CHECK(context.user == "by-token");
    CHECK(context.namespace_ == "perf");
    CHECK(context.file == "/k/config");
}

TEST_CASE("JSON is a kubeconfig too, and an empty file is an empty one") {
    const Kubeconfig config = parse_kubeconfig(
        R"({"kind":"Config","clusters":[{"name":"c","cluster":{"server":"https://a","insecure-skip-tls-verify":true}}]})",
        "config");
    CHECK(config.clusters.at("c").insecure_skip_tls_verify);
    CHECK(parse_kubeconfig("", "config").contexts.empty());
    CHECK(parse_kubeconfig("clusters:\nusers: null\ncontexts: []\n", "config").clusters.empty());
}

TEST_CASE("an exec plugin") {
    const Kubeconfig config = parse_kubeconfig(user_with(R"(exec: {
        apiVersion: client.authentication.k8s.io/v1, command: ./bin/login, args: [get, "--x=1"],
        env: [{name: A, value: "1"}, {name: B}], interactiveMode: Never, provideClusterInfo: true,
        installHint: install it})"),
                                               "/k/config");
    const ExecPlugin& plugin = *config.users.at("u").exec;
    CHECK(plugin.command == "/k/bin/login");
    CHECK(plugin.args == std::vector<std::string>{"get", "--x=1"});
    CHECK(plugin.env == std::vector<std::pair<std::string, std::string>>{{"A", "1"}, {"B", ""}});
    CHECK(plugin.interactive_mode == InteractiveMode::never);
    CHECK(plugin.provide_cluster_info);
    CHECK(plugin.install_hint == "install it");
}

TEST_CASE("an exec plugin's command is a path only with a slash") {
    const auto command = [](const std::string& text, const char* file) {
        const std::string yaml =
            user_with("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: " + text + "}");
        return parse_kubeconfig(yaml, file).users.at("u").exec->command;
    };
    CHECK(command("aws", "/k/config") == "aws");
    CHECK(command("/usr/bin/aws", "/k/config") == "/usr/bin/aws");
    CHECK(command("../aws", "/k/x/config") == "/k/aws");
    CHECK(command("./aws", "config") == "./aws");
}

TEST_CASE("v1beta1 may leave interactiveMode out") {
    const Kubeconfig config = parse_kubeconfig(
        user_with("exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: a}"), "config");
    CHECK(config.users.at("u").exec->interactive_mode == InteractiveMode::if_available);
}

namespace {

struct Refusal {
    std::string yaml;
    const char* part;
};

void check_refusal(const Refusal& c, const std::string& sentence) {
    CAPTURE(c.yaml);
    CAPTURE(sentence);
    CHECK(contains(sentence, c.part));
    CHECK(contains(sentence, "/k/config"));
    CHECK_FALSE(contains(sentence, "hunter2"));
    CHECK_FALSE(contains(sentence, "\n"));
}

}  // namespace

TEST_CASE("texts that are no usable kubeconfig") {
    const Refusal cases[] = {
        {"just text", "is no kubeconfig, for it holds no YAML mapping"},
        {"[a, b]", "is no kubeconfig, for it holds no YAML mapping"},
        {"kind: Pod", "is no kubeconfig, for its kind is not Config"},
        {"a: [", "is not well-formed YAML at line 1"},
        {"a: 1\nb: {c\n", "is not well-formed YAML at line"},
        {"users: [{name: u, user: {token: *hunter2}}]", "is not well-formed YAML at line 1"},
        {"<<: hunter2", "a merge key (<<) names no mapping"},
        {"? [hunter2]\n: 1", "it has a key that is no text"},
        {"~: 1", "it has a key that is null"},
        {"a: !!bool hunter2", "a value is no bool, as its tag says"},
        {"clusters: 7", "The field clusters of the kubeconfig /k/config is no list"},
        {"clusters: [7]", "The field clusters of the kubeconfig /k/config has a cluster that is no mapping"},
        {"users: [{name: u}, {name: u}]",
         "The field name of user 'u' of the kubeconfig /k/config occurs twice"},
        {"current-context: yes", "current-context of the kubeconfig /k/config is a number or a boolean"},
    };
    for (const Refusal& c : cases) check_refusal(c, problem_of(c.yaml));
}

TEST_CASE("entries that cannot be used keep their problem") {
    const std::string exec_v1 = "exec: {apiVersion: client.authentication.k8s.io/v1, command: a";
    const Refusal cases[] = {
        {"clusters: [{name: c, cluster: 7}]",
         "The field cluster of cluster 'c' of the kubeconfig /k/config is no mapping"},
        {"clusters: [{name: c, cluster: {server: [a]}}]",
         "The field server of cluster 'c' of the kubeconfig /k/config is no text"},
        {cluster_with("insecure-skip-tls-verify: perhaps"),
         "insecure-skip-tls-verify of cluster 'c' of the kubeconfig "
         "/k/config is neither true nor false"},
        {cluster_with("insecure-skip-tls-verify: 'yes'"), "is neither true nor false"},
        {cluster_with("tls-server-name: 7"), "is a number or a boolean and no text"},
        {cluster_with("certificate-authority-data: '***'"),
         "certificate-authority-data of cluster 'c' of the "
         "kubeconfig /k/config is no base64 text"},
        {cluster_with("certificate-authority: a, certificate-authority-data: Y2VydA=="),
         "only one is allowed"},
        {user_with("token: 0123"), "The field token of user 'u' of the kubeconfig /k/config is a number or"},
        {user_with("client-certificate: a, client-certificate-data: Y2VydA=="), "only one is allowed"},
        {user_with("client-key: a, client-key-data: Y2VydA=="), "only one is allowed"},
        {user_with("as-groups: [a]"), "The field as of user 'u' of the kubeconfig /k/config is missing"},
        {user_with("as-uid: '7'"), "The field as of user 'u'"},
        {user_with("as-user-extra: {a: [b]}"), "The field as of user 'u'"},
        {user_with("as: a, as-groups: b"),
         "The field as-groups of user 'u' of the kubeconfig /k/config is no"},
        {user_with("as: a, as-user-extra: {k: [true]}"), "The field k of user 'u'"},
        {user_with("exec: 1"), "The field exec of user 'u' of the kubeconfig /k/config is no mapping"},
        {user_with("exec: {command: a}"), "exec.apiVersion of user 'u'"},
        {user_with("exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: a}"),
         "must be client.authentication.k8s.io/v1 or"},
        {user_with("exec: {apiVersion: client.authentication.k8s.io/v1beta1}"), "exec.command of user 'u'"},
        {user_with("auth-provider: {name: oidc}, " + exec_v1 + ", interactiveMode: Never}"),
         "The field auth-provider of user 'u'"},
        {user_with(exec_v1 + "}"), "must be Never, IfAvailable or Always"},
        {user_with(exec_v1 + ", interactiveMode: Sometimes}"), "must be Never, IfAvailable or Always"},
        {user_with(exec_v1 + ", interactiveMode: Never, args: x}"), "The field args of user 'u'"},
        {user_with(exec_v1 + ", interactiveMode: Never, args: [[x]]}"), "has an item that is no text"},
        {user_with(exec_v1 + ", interactiveMode: Never, args: [1]}"), "has an item that is a number"},
        {user_with(exec_v1 + ", interactiveMode: Never, env: [{value: x}]}"), "The field name of variable"},
    };
    for (const Refusal& c : cases) check_refusal(c, entry_problem_of(c.yaml));
}

TEST_CASE("YAML as kubectl reads it") {
    const auto cluster = [](const std::string& yaml) { return parse_kubeconfig(yaml, "k").clusters.at("c"); };
    for (const char* word : {"true", "TRUE", "Yes", "y", "ON", "!!bool on"})
        CHECK(
            cluster(cluster_with(std::string("insecure-skip-tls-verify: ") + word)).insecure_skip_tls_verify);
    for (const char* word : {"False", "no", "N", "Off", "~", "null", ""})
        CHECK_FALSE(
            cluster(cluster_with(std::string("insecure-skip-tls-verify: ") + word)).insecure_skip_tls_verify);
    // Merge keys, in the order of the file: one below a key replaces it, and the first of a list wins.
    const std::string anchors =
        "x: &x {tls-server-name: x, proxy-url: 'http://x'}\ny: &y {tls-server-name: y, server: "
        "'https://y'}\n";
    CHECK(
        cluster(anchors + "clusters: [{name: c, cluster: {<<: *x, tls-server-name: own}}]").tls_server_name ==
        "own");
    CHECK(
        cluster(anchors + "clusters: [{name: c, cluster: {tls-server-name: own, <<: *x}}]").tls_server_name ==
        "x");
    const KubeconfigCluster listed = cluster(anchors + "clusters: [{name: c, cluster: {<<: [*x, *y]}}]");
    CHECK(listed.tls_server_name == "x");
    CHECK(listed.server == "https://y");
    CHECK(cluster("z: &z {<<: {server: 'https://deep'}}\nclusters: [{name: c, cluster: {<<: *z}}]").server ==
          "https://deep");
    CHECK(
        parse_kubeconfig("users: [{name: u, user: {'<<': {token: a}, token: b}}]", "k").users.at("u").token ==
        "b");
    // The last of duplicate keys, the first document, keys that are no texts.
    CHECK(cluster(cluster_with("tls-server-name: a, tls-server-name: b")).tls_server_name == "b");
    CHECK(cluster("---\n" + cluster_with("tls-server-name: a") + "\n---\nclusters: 7\n").tls_server_name ==
          "a");
    CHECK(parse_kubeconfig("7: a\nyes: b\ncurrent-context: '7'\n", "k").current_context == "7");
    // A text is what is quoted, tagged, or looks like nothing else.
    for (const char* text : {"'true'", "\"true\"", "!!str true", "!!binary dHJ1ZQ=="})
        CHECK(parse_kubeconfig(user_with(std::string("token: ") + text), "k").users.at("u").token == "true");
    CHECK(parse_kubeconfig(user_with("token: 2026-01-02"), "k").users.at("u").token == "2026-01-02");
    CHECK(parse_kubeconfig(user_with("token: 1.2.3"), "k").users.at("u").token == "1.2.3");
    CHECK(parse_kubeconfig(user_with("token: 0x1g"), "k").users.at("u").token == "0x1g");
    const std::string number =
        "clusters: [{name: c, cluster: {extensions: [{name: "
        "client.authentication.k8s.io/exec, extension: [0x1F, 0o17, 017, 1_000, +5, "
        "-0b11, 18446744073709551615, 1e3, .5, TRUE, 09]}]}}]";
    CHECK(cluster(number).exec_config_json == "[31,15,15,1000,5,-3,18446744073709551615,1E3,5E-1,true,9E0]");
    // JSON with what YAML does not have.
    CHECK(parse_kubeconfig(
              "\n{\t\"users\": [{\"name\": \"u\", \"user\": {\"token\": \"\\ud83d\\ude00\\/\"}}]}", "k")
              .users.at("u")
              .token == "\xf0\x9f\x98\x80/");
}

TEST_CASE("impersonation, and empty values as unset") {
    const auto user = [](const std::string& fields) {
        return parse_kubeconfig(user_with(fields), "k").users.at("u");
    };
    const KubeconfigUser full =
        user("as: me, as-uid: '7', as-groups: [a, b], as-user-extra: {scope: [v, w], other: []}");
    CHECK(full.problem.empty());
    CHECK(full.impersonation.user == "me");
    CHECK(full.impersonation.uid == "7");
    CHECK(full.impersonation.groups == std::vector<std::string>{"a", "b"});
    CHECK(full.impersonation.extra.at("scope") == std::vector<std::string>{"v", "w"});
    for (const char* fields : {"as: ''", "as-uid: ''", "as-groups: []", "as-groups:", "as-user-extra: {}",
                               "as: null, as-user-extra: ~, as-groups: null"}) {
        CAPTURE(fields);
        CHECK(user(fields).problem.empty());
        CHECK(user(fields).impersonation.empty());
    }
    CHECK_FALSE(user("exec: null, auth-provider: null").exec);
}

TEST_CASE("hostile texts end in a sentence") {
    CHECK(contains(problem_of(std::string(max_kubeconfig_bytes + 1, ' ')), "is larger than"));
    CHECK_FALSE(problem_of(std::string(100'000, '[')).empty());
    CHECK_FALSE(problem_of(std::string("\0\xff\xfe", 3)).empty());
    // A tree of 10^9 leaves in a few lines.
    std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
    for (int level = 1; level < 9; ++level) {
        const std::string below = "*a" + std::to_string(level - 1);
        std::string list = below;
        for (int i = 0; i < 9; ++i) list += "," + below;
        bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [" + list + "]\n";
    }
    bomb +=
        "clusters: [{name: c, cluster: {extensions: [{name: client.authentication.k8s.io/exec, extension: "
        "*a8}]}}]";
    CHECK(contains(problem_of(bomb), "is too large"));
    CHECK(contains(problem_of("a: &a [*a]"), "is too large"));
}

TEST_CASE("merging: the first file to set an entry wins, as a whole") {
    Kubeconfig first = parse_kubeconfig(
        "users: [{name: red, user: {username: first}}]\nclusters: [{name: c, cluster: {server: "
        "'https://first'}}]",
        "/a/config");
    Kubeconfig second = parse_kubeconfig(
        "current-context: two\nusers: [{name: red, user: {password: second}}, {name: blue, user: {token: "
        "b}}]\n"
        "clusters: [{name: c, cluster: {server: 'https://second', tls-server-name: n}}]",
        "/b/config");
    merge_kubeconfig(first, std::move(second));
    CHECK(first.current_context == "two");
    CHECK(first.users.at("red").username == "first");
    CHECK(first.users.at("red").password.empty());
    CHECK(first.users.at("blue").file == "/b/config");
    CHECK(first.clusters.at("c").server == "https://first");
    CHECK(first.clusters.at("c").tls_server_name.empty());
    merge_kubeconfig(first, parse_kubeconfig("current-context: three", "/c/config"));
    CHECK(first.current_context == "two");
}

TEST_CASE("reading files: of several, missing ones are left out; a single one must be there") {
    const test::TempFolder folder;
    const auto here = folder.write("here", "current-context: x");
    CHECK(read_kubeconfig({folder.path() / "gone", here}).current_context == "x");
    CHECK(contains(sentence_of([&] { read_kubeconfig({folder.path() / "gone"}); }),
                   "gone cannot be read (No such file or directory)"));
    CHECK(contains(sentence_of([&] {
                       read_kubeconfig({folder.path() / "gone", folder.path() / "too"});
                   }),
                   "None of the kubeconfigs"));
    CHECK(
        contains(sentence_of([&] { read_kubeconfig({folder.path()}); }), "cannot be read (Is a directory)"));
    CHECK(contains(sentence_of([] { read_kubeconfig({}); }), "No kubeconfig is named"));
}
