#include "kube/kubeconfig.hpp"

#include <fmt/format.h>

#include <boost/json/value.hpp>
#include <utility>

#include "base/error.hpp"
#include "kube/kubeconfig_yaml.hpp"
#include "kube/text_file.hpp"
#include "kube/yaml_json.hpp"

namespace milo_perf::kube {
namespace {

namespace fs = std::filesystem;

/// `path` as it stands in `file`, seen from the current folder.
fs::path resolved(const std::string& path, const fs::path& file) {
    if (path.empty()) return {};
    return (file.parent_path() / path).lexically_normal();
}

/// A command with a slash is a path, taken from the file's folder; a bare one is looked up in PATH.
std::string resolved_command(const std::string& command, const fs::path& file) {
    if (command.find('/') == std::string::npos) return command;
    const std::string path = resolved(command, file).string();
    return path.find('/') == std::string::npos ? "./" + path : path;
}

void read_cluster(const YamlFields& fields, KubeconfigCluster& cluster) {
    cluster.server = fields.text("server");
    cluster.tls_server_name = fields.text("tls-server-name");
    cluster.insecure_skip_tls_verify = fields.flag("insecure-skip-tls-verify");
    const std::string authority = fields.text("certificate-authority");
    cluster.certificate_authority_pem = fields.base64("certificate-authority-data");
    if (!authority.empty() && !cluster.certificate_authority_pem.empty())
        fields.fail("certificate-authority",
                    "stands beside certificate-authority-data and only one is allowed");
    cluster.certificate_authority = resolved(authority, cluster.file);
    cluster.proxy_url = fields.text("proxy-url");
    fields.each("extensions", "extension", [&cluster](const YamlFields& extension) {
        if (extension.text("name") == "client.authentication.k8s.io/exec")
            cluster.exec_config_json = extension.json("extension");
    });
}

InteractiveMode read_interactive_mode(const YamlFields& fields, const std::string& api_version) {
    const std::string mode = fields.text("interactiveMode");
    if (mode == "Never") return InteractiveMode::never;
    if (mode == "Always") return InteractiveMode::always;
    // Required in v1; v1beta1 came before the field.
    if (mode == "IfAvailable" || (mode.empty() && api_version.ends_with("/v1beta1")))
        return InteractiveMode::if_available;
    fields.fail("exec.interactiveMode", "must be Never, IfAvailable or Always");
}

ExecPlugin read_exec(const YamlFields& fields, const fs::path& file) {
    ExecPlugin plugin;
    plugin.api_version = fields.text("apiVersion");
    if (plugin.api_version != "client.authentication.k8s.io/v1" &&
        plugin.api_version != "client.authentication.k8s.io/v1beta1")
        fields.fail("exec.apiVersion",
                    "must be client.authentication.k8s.io/v1 or client.authentication.k8s.io/v1beta1");
    plugin.command = resolved_command(fields.text("command"), file);
    if (plugin.command.empty()) fields.fail("exec.command", "is missing");
    plugin.args = fields.texts("args");
    fields.each("env", "variable", [&plugin](const YamlFields& entry) {
        std::string name = entry.text("name");
        if (name.empty()) entry.fail("name", "is missing");
        plugin.env.emplace_back(std::move(name), entry.text("value"));
    });
    plugin.interactive_mode = read_interactive_mode(fields, plugin.api_version);
    plugin.provide_cluster_info = fields.flag("provideClusterInfo");
    plugin.install_hint = fields.text("installHint");
    return plugin;
}

void read_impersonation(const YamlFields& fields, Impersonation& impersonation) {
    impersonation.user = fields.text("as");
    impersonation.uid = fields.text("as-uid");
    impersonation.groups = fields.texts("as-groups");
    const YamlFields extra = fields.map("as-user-extra");
    for (const std::string& key : extra.keys()) impersonation.extra[key] = extra.texts(key.c_str());
    if (impersonation.user.empty() && !impersonation.empty())
        fields.fail("as", "is missing and as-uid, as-groups or as-user-extra stand there");
}

/// What a bearer token stands in for.
void read_credentials(const YamlFields& fields, KubeconfigUser& user) {
    user.token = fields.text("token");
    user.token_file = resolved(fields.text("tokenFile"), user.file);
    user.username = fields.text("username");
    user.password = fields.text("password");
    user.auth_provider = fields.has("auth-provider");
    if (!fields.has("exec")) return;
    user.exec = read_exec(fields.map("exec"), user.file);
    if (user.auth_provider) fields.fail("auth-provider", "stands beside exec and only one is allowed");
}

/// Gives the sentence of the UserError that `read` throws; empty when it throws none.
template <class Read>
std::string problem_in(Read read) {
    try {
        read();
    } catch (const UserError& error) {
        return error.what();
    }
    return {};
}

void read_user(const YamlFields& fields, KubeconfigUser& user) {
    user.credentials_problem = problem_in([&] { read_credentials(fields, user); });
    const std::string certificate = fields.text("client-certificate");
    const std::string key = fields.text("client-key");
    user.client_certificate_pem = fields.base64("client-certificate-data");
    user.client_key_pem = fields.base64("client-key-data");
    if (!certificate.empty() && !user.client_certificate_pem.empty())
        fields.fail("client-certificate", "stands beside client-certificate-data and only one is allowed");
    if (!key.empty() && !user.client_key_pem.empty())
        fields.fail("client-key", "stands beside client-key-data and only one is allowed");
    user.client_certificate = resolved(certificate, user.file);
    user.client_key = resolved(key, user.file);
    read_impersonation(fields, user.impersonation);
}

void read_context(const YamlFields& fields, KubeconfigContext& context) {
    context.cluster = fields.text("cluster");
    context.user = fields.text("user");
    context.namespace_ = fields.text("namespace");
}

/// Reads a list of `{name, <item>: {…}}` into a map by name; an entry that cannot be read keeps its problem.
template <class Entry>
void read_named(const YamlFields& root, const char* list, const char* item,
                std::map<std::string, Entry, std::less<>>& into, const fs::path& file,
                void (*read)(const YamlFields&, Entry&)) {
    root.each(list, item, [&](const YamlFields& entry) {
        std::string name = entry.text("name");
        const YamlFields named = entry.named(fmt::format("{} '{}'", item, name));
        const auto [place, added] = into.try_emplace(std::move(name));
        if (!added) named.fail("name", "occurs twice");
        place->second.file = file;
        place->second.problem = problem_in([&] { read(named.map(item), place->second); });
    });
}

Kubeconfig read_root(const boost::json::value& value, const std::string& file_name) {
    const YamlFields root(value.if_object(), "", file_name);
    const fs::path file = file_name;
    const std::string kind = root.text("kind");
    if (!kind.empty() && kind != "Config")
        throw UserError(fmt::format(
            "The file {} is no kubeconfig, for its kind is not Config: name a kubeconfig file.", file_name));
    Kubeconfig config;
    config.current_context = root.text("current-context");
    read_named(root, "clusters", "cluster", config.clusters, file, read_cluster);
    read_named(root, "users", "user", config.users, file, read_user);
    read_named(root, "contexts", "context", config.contexts, file, read_context);
    return config;
}

}  // namespace

Kubeconfig parse_kubeconfig(std::string_view yaml, std::string_view file_name) {
    if (yaml.size() > max_kubeconfig_bytes)
        throw UserError(fmt::format("The kubeconfig {} is larger than {} bytes: name a kubeconfig file.",
                                    file_name, max_kubeconfig_bytes));
    const std::string file(file_name);
    boost::json::value value;
    try {
        value = yaml_to_json(yaml);
    } catch (const YamlProblem& problem) {
        throw UserError(
            fmt::format("The kubeconfig {} cannot be read, for {}: correct the file.", file, problem.what()));
    }
    if (!value.is_object() && !value.is_null())
        throw UserError(fmt::format(
            "The file {} is no kubeconfig, for it holds no YAML mapping: name a kubeconfig file.", file));
    return read_root(value, file);
}

void merge_kubeconfig(Kubeconfig& config, Kubeconfig later) {
    if (config.current_context.empty()) config.current_context = std::move(later.current_context);
    config.clusters.merge(later.clusters);
    config.users.merge(later.users);
    config.contexts.merge(later.contexts);
}

Kubeconfig read_kubeconfig(const std::vector<fs::path>& paths) {
    Kubeconfig config;
    std::size_t found = 0;
    for (const fs::path& path : paths) {
        const TextFile file = read_text_file(path, max_kubeconfig_bytes);
        if (file.missing && paths.size() > 1) continue;
        if (!file.problem.empty())
            throw UserError(fmt::format("The kubeconfig {} cannot be read ({}): name one that can be read.",
                                        path.string(), file.problem));
        merge_kubeconfig(config, parse_kubeconfig(file.text, path.string()));
        ++found;
    }
    if (found == 0) {
        std::string names;
        for (const fs::path& path : paths)
            names += fmt::format("{}{}", names.empty() ? "" : ", ", path.string());
        throw UserError(paths.empty()
                            ? "No kubeconfig is named: name one."
                            : fmt::format("None of the kubeconfigs {} is there: name one that is.", names));
    }
    return config;
}

}  // namespace milo_perf::kube
