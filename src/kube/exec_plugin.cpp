#include "kube/exec_plugin.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "kube/exec_plugin_process.hpp"
#include "kube/rfc3339.hpp"
#include "kube/tls_material.hpp"
#include "kube/yaml_json.hpp"

namespace milo_perf::kube {
namespace {

namespace json = boost::json;

/// Time for a person to log in.
constexpr Duration interactive_timeout = std::chrono::minutes(5);

std::string hint_of(const ExecPlugin& plugin) {
    return plugin.install_hint.empty() ? std::string()
                                       : fmt::format(" (its install hint: {})", plugin.install_hint);
}

FetchedCredentials printed_problem(const ExecPlugin& plugin, std::string_view what) {
    FetchedCredentials fetched;
    fetched.problem = fmt::format(
        "The credential plugin '{}' of the kubeconfig printed no usable ExecCredential, for "
        "{}: correct the plugin or its settings.",
        plugin.command, what);
    return fetched;
}

/// The text in a field; empty when it is missing or of another kind.
std::string text_of(const json::object& object, std::string_view key) {
    const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
    if (value == nullptr || !value->is_string()) return {};
    return {value->get_string().data(), value->get_string().size()};
}

FetchedCredentials read_status(const ExecPlugin& plugin, const json::object& status, WallTime now) {
    FetchedCredentials fetched;
    const std::string token = text_of(status, "token");
    ClientCertificate& certificate = fetched.client_certificate;
    certificate = {text_of(status, "clientCertificateData"), text_of(status, "clientKeyData")};
    if (certificate.certificate_pem.empty() != certificate.key_pem.empty())
        return printed_problem(plugin, "it has only one of clientCertificateData and clientKeyData");
    if (token.empty() && certificate.empty())
        return printed_problem(plugin, "it has neither a token nor a client certificate");
    if (!is_header_text(token)) return printed_problem(plugin, "its token holds a line break or the like");
    if (!token.empty()) fetched.authorization = fmt::format("Bearer {}", token);
    if (!certificate.empty()) {
        if (const auto problem =
                client_certificate_problem(certificate.certificate_pem, certificate.key_pem, now))
            return printed_problem(plugin, *problem);
    }
    if (const std::string expiry = text_of(status, "expirationTimestamp"); !expiry.empty()) {
        const auto when = parse_rfc3339(expiry);
        if (!when) return printed_problem(plugin, "its expirationTimestamp is no RFC 3339 time");
        fetched.lifetime = *when - now;
    }
    const auto left = certificate_lifetime(certificate.certificate_pem, now);
    if (left && (!fetched.lifetime || *left < *fetched.lifetime)) fetched.lifetime = *left;
    return fetched;
}

class ExecCredentials final : public Credentials {
  public:
    ExecCredentials(ExecPlugin plugin, Environment environment)
        : plugin_(std::move(plugin)), environment_(std::move(environment)) {
        for (const auto& [name, value] : plugin_.env) environment_.insert_or_assign(name, value);
    }

  private:
    boost::asio::awaitable<FetchedCredentials> fetch() override {
        const std::optional<bool> interactive =
            runs_interactively(plugin_.interactive_mode, isatty(STDIN_FILENO) == 1);
        if (!interactive) {
            FetchedCredentials refused;
            refused.problem = fmt::format(
                "The credential plugin '{}' of the kubeconfig wants a terminal "
                "(interactiveMode Always) and standard input is none: run in a terminal, or "
                "use other credentials.",
                plugin_.command);
            co_return refused;
        }
        ProcessSpec spec;
        spec.command = plugin_.command;
        spec.args = plugin_.args;
        spec.environment = environment_;
        spec.environment.insert_or_assign("KUBERNETES_EXEC_INFO", exec_info(plugin_, *interactive));
        spec.interactive = *interactive;
        if (*interactive) spec.timeout = interactive_timeout;
        const ProcessResult result = co_await run_process(std::move(spec));
        if (result.problem.empty()) co_return parse_exec_credential(plugin_, result.output, WallClock::now());
        FetchedCredentials failed;
        failed.problem = fmt::format(
            "The credential plugin '{}' of the kubeconfig failed, for {}{}: see that it runs "
            "by itself.",
            plugin_.command, result.problem, hint_of(plugin_));
        co_return failed;
    }

    ExecPlugin plugin_;
    Environment environment_;
};

}  // namespace

std::optional<bool> runs_interactively(InteractiveMode mode, bool stdin_is_terminal) {
    switch (mode) {
        case InteractiveMode::never:
            return false;
        case InteractiveMode::if_available:
            return stdin_is_terminal;
        case InteractiveMode::always:
            break;
    }
    if (!stdin_is_terminal) return std::nullopt;
    return true;
}

std::string exec_info(const ExecPlugin& plugin, bool interactive) {
    json::object spec;
    spec["interactive"] = interactive;
    if (!plugin.cluster_json.empty()) spec["cluster"] = json::parse(plugin.cluster_json);
    json::object info;
    info["apiVersion"] = plugin.api_version;
    info["kind"] = "ExecCredential";
    info["spec"] = std::move(spec);
    return json::serialize(info);
}

FetchedCredentials parse_exec_credential(const ExecPlugin& plugin, std::string_view output, WallTime now) {
    json::value document;
    try {
        document = yaml_to_json(output);
    } catch (const YamlProblem&) {
        return printed_problem(plugin, "it is neither JSON nor YAML");
    }
    if (!document.is_object()) return printed_problem(plugin, "it is no object in JSON or YAML");
    const json::object& credential = document.get_object();
    if (text_of(credential, "kind") != "ExecCredential")
        return printed_problem(plugin, "its kind is another");
    if (text_of(credential, "apiVersion") != plugin.api_version)
        return printed_problem(plugin,
                               fmt::format("its apiVersion is not the kubeconfig's {}", plugin.api_version));
    const json::value* status = credential.if_contains("status");
    if (status == nullptr || !status->is_object()) return printed_problem(plugin, "it has no status");
    return read_status(plugin, status->get_object(), now);
}

std::shared_ptr<Credentials> make_exec_credentials(ExecPlugin plugin, Environment environment) {
    return std::make_shared<ExecCredentials>(std::move(plugin), std::move(environment));
}

}  // namespace milo_perf::kube
