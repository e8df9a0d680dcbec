#include "config/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/url/parse.hpp>
#include <cctype>
#include <stdexcept>

#include "base/error.hpp"
#include "base/url_text.hpp"
#include "config/knobs.hpp"
#include "config/values.hpp"

namespace milo_perf::config {
namespace {

/// Milo's webhook refuses longer Project names, and a Project is `{org}-p-{number}`.
constexpr std::size_t longest_project_name = 55;

void apply(Settings& settings, const Knob& knob, const std::string& text, Source source) {
    try {
        knob.set(settings, text);
    } catch (const std::invalid_argument&) {
        const std::string where =
            source == Source::flag ? "--" + flag_name(knob.name) : std::string(knob.name);
        const std::string shown = knob.secret ? "the given text" : fmt::format("\"{}\"", text);
        throw UserError(fmt::format("{} must be {}, and {} is not: give for example {}={}.", where,
                                    knob.takes, shown, knob.name, knob.default_text));
    }
}

bool is_dns_label(std::string_view text) {
    const auto inner = [](unsigned char c) {
        return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '-';
    };
    return !text.empty() && text.size() <= 63 && std::all_of(text.begin(), text.end(), inner) &&
           text.front() != '-' && text.back() != '-';
}

void check_name_length(const Settings& settings) {
    const bool own_name = !settings.org_name.empty();
    const std::string_view prefix = own_name ? "" : organization_prefix;
    const std::string& name = own_name ? settings.org_name : settings.test_id;
    const std::size_t digits = std::max<std::size_t>(3, std::to_string(settings.num_projects - 1).size());
    const std::size_t suffix = 3 + digits;  // "-p-" and the number
    if (prefix.size() + name.size() + suffix > longest_project_name) {
        throw UserError(fmt::format(
            "{} \"{}\" is too long: Projects are named after it and Milo takes {} characters at most, so use "
            "{} or fewer.",
            own_name ? "ORG_NAME" : "TEST_ID", name, longest_project_name,
            longest_project_name - suffix - prefix.size()));
    }
}

void check_url(const Settings& settings) {
    const auto url = boost::urls::parse_uri(settings.vm_base_url);
    // Schemes are compared without regard to case.
    const bool usable =
        url.has_value() && !url->host().empty() &&
        (url->scheme_id() == boost::urls::scheme::http || url->scheme_id() == boost::urls::scheme::https);
    if (!usable) {
        throw UserError(
            "VM_BASE_URL, or what VM_SERVICE_NAME, VM_NAMESPACE and VM_PORT make of it, is not an http or "
            "https "
            "URL: "
            "give for example VM_BASE_URL=http://localhost:8428.");
    }
}

void check_load(const Settings& settings) {
    if (settings.qps > 0 && !settings.ramp.empty()) {
        throw UserError("QPS and RAMP are mutually exclusive: RAMP sets the rate, so leave QPS out.");
    }
    if (settings.burst > 0 && settings.qps <= 0) {
        throw UserError("BURST needs QPS: give the rate at which the burst refills, for example QPS=200.");
    }
}

}  // namespace

void check_identity(const Settings& settings) {
    if (!settings.test_id.empty() && !is_dns_label(settings.test_id)) {
        throw UserError(
            fmt::format("TEST_ID \"{}\" is not a valid label value: use up to 63 lower case letters, "
                        "digits and dashes.",
                        settings.test_id));
    }
    if (!settings.org_name.empty() && !is_dns_label(settings.org_name)) {
        throw UserError(
            fmt::format("ORG_NAME \"{}\" is not a valid Organization name: use up to 63 lower case letters, "
                        "digits and dashes, "
                        "with a letter or digit at both ends.",
                        settings.org_name));
    }
    check_name_length(settings);
    for (const auto& [name, value] :
         {std::pair{"NS", settings.ns}, {"TARGET_NAMESPACE", settings.target_namespace}}) {
        if (!is_dns_label(value)) {
            throw UserError(fmt::format(
                "{} \"{}\" is not a valid namespace: use up to 63 lower case letters, digits and dashes.",
                name, value));
        }
    }
}

std::string_view Settings::load_model() const {
    if (run_objects_phase && open_loop() != projects_open_loop()) return "mixed";
    return projects_open_loop() ? "open" : "closed";
}

std::string Settings::organization() const {
    return org_name.empty() ? std::string(organization_prefix) + test_id : org_name;
}

namespace {

/// A knob's text and where it is from; an empty variable is none.
std::pair<std::string, Source> text_of(const Knob& knob, const KnobTexts& environment,
                                       const KnobTexts& flags) {
    const std::string name(knob.name);
    if (const auto flag = flags.find(name); flag != flags.end()) return {flag->second, Source::flag};
    const auto variable = environment.find(name);
    if (variable != environment.end() && !variable->second.empty())
        return {variable->second, Source::environment};
    return {std::string(knob.default_text), Source::default_value};
}

}  // namespace

std::optional<RunMode> given_run_mode(const KnobTexts& environment, const KnobTexts& flags) {
    Settings settings;
    for (const Knob& knob : knobs()) {
        if (knob.name != "RUN_MODE") continue;
        const auto [text, source] = text_of(knob, environment, flags);
        if (source == Source::default_value) return std::nullopt;
        apply(settings, knob, text, source);
    }
    return settings.run_mode;
}

Settings make_settings(const KnobTexts& environment, const KnobTexts& flags) {
    Settings settings;
    for (const Knob& knob : knobs()) {
        const auto [text, source] = text_of(knob, environment, flags);
        apply(settings, knob, text, source);
    }
    if (settings.target_namespace.empty()) settings.target_namespace = settings.ns;
    if (settings.vm_base_url.empty()) {
        settings.vm_base_url = fmt::format("http://{}.{}.svc.cluster.local:{}", settings.vm_service_name,
                                           settings.vm_namespace, settings.vm_port);
    }
    check_identity(settings);
    check_url(settings);
    if (!parse_headers(settings.vm_headers))
        throw UserError(
            "VM_HEADERS must be headers separated by ^^, and the given text is not: give for example "
            "VM_HEADERS=\"X-Scope-OrgID: team-a\".");
    check_load(settings);
    return settings;
}

std::map<std::string, std::string> describe(const Settings& settings) {
    std::map<std::string, std::string> shown;
    for (const Knob& knob : knobs()) {
        if (!knob.secret) shown.emplace(knob.name, knob.show(settings));
    }
    shown["VM_BASE_URL"] = shown_url(settings.vm_base_url);
    return shown;
}

}  // namespace milo_perf::config
