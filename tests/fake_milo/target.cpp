#include "fake_milo/target.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace milo_perf::fake_milo {
namespace {

constexpr std::array<Kind, 5> kinds{{
    {milo_api, "Organization", "organizations", false, true},
    {milo_api, "Project", "projects", false, true},
    {"v1", "Secret", "secrets", true, false},
    {"v1", "ConfigMap", "configmaps", true, false},
    {"v1", "Namespace", "namespaces", false, true},
}};

std::vector<std::string> split_path(std::string_view path) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (begin < path.size()) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (end > begin) parts.push_back(percent_decode(path.substr(begin, end - begin), false));
        begin = end + 1;
    }
    return parts;
}

/// Cuts `…/{resource}/{name}/control-plane` off; gives the name.
std::string cut_scope(std::string_view& path, std::string_view resource) {
    std::string prefix = "/apis/";
    prefix.append(milo_api).append("/").append(resource).append("/");
    constexpr std::string_view suffix = "/control-plane/";
    if (!path.starts_with(prefix)) return {};
    const std::size_t end = path.find('/', prefix.size());
    if (end == std::string_view::npos || path.substr(end, suffix.size()) != suffix) return {};
    std::string name = percent_decode(path.substr(prefix.size(), end - prefix.size()), false);
    path.remove_prefix(end + suffix.size() - 1);
    return name;
}

void find_resource(const std::vector<std::string>& parts, Target& target) {
    std::string api_version;
    std::size_t at = 0;
    if (parts.size() >= 3 && parts[0] == "api") {
        api_version = parts[1];
        at = 2;
    } else if (parts.size() >= 4 && parts[0] == "apis") {
        api_version = parts[1] + "/" + parts[2];
        at = 3;
    } else {
        return;
    }
    if (parts[at] == "namespaces" && parts.size() >= at + 3 && find_kind(api_version, parts[at + 2])) {
        target.namespace_ = parts[at + 1];
        at += 2;
    }
    target.kind = find_kind(api_version, parts[at]);
    if (target.kind == nullptr) return;
    if (parts.size() > at + 1) target.name = parts[at + 1];
    if (parts.size() > at + 2) target.subresource = parts[at + 2];
}

}  // namespace

const Kind* find_kind(std::string_view api_version, std::string_view resource) {
    const auto found = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) {
        return kind.api_version == api_version && kind.resource == resource;
    });
    return found == kinds.end() ? nullptr : &*found;
}

std::string percent_decode(std::string_view text, bool plus_is_blank) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned value = 0;
        const bool escape =
            text[i] == '%' && i + 2 < text.size() &&
            std::from_chars(text.data() + i + 1, text.data() + i + 3, value, 16).ptr == text.data() + i + 3;
        if (escape) {
            decoded.push_back(static_cast<char>(value));
            i += 2;
        } else {
            decoded.push_back(text[i] == '+' && plus_is_blank ? ' ' : text[i]);
        }
    }
    return decoded;
}

std::map<std::string, std::string> parse_query(std::string_view text) {
    std::map<std::string, std::string> query;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('&'), text.size());
        const std::string_view pair = text.substr(0, end);
        const std::size_t equals = std::min(pair.find('='), pair.size());
        if (!pair.empty()) {
            query[percent_decode(pair.substr(0, equals), true)] =
                equals < pair.size() ? percent_decode(pair.substr(equals + 1), true) : std::string();
        }
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return query;
}

Target parse_target(std::string_view text) {
    Target target;
    const std::size_t question = std::min(text.find('?'), text.size());
    std::string_view path = text.substr(0, question);
    if (question < text.size()) target.query = parse_query(text.substr(question + 1));
    target.organization = cut_scope(path, "organizations");
    if (target.organization.empty()) target.project = cut_scope(path, "projects");
    target.rest = path;
    find_resource(split_path(path), target);
    return target;
}

std::string_view verb_of(std::string_view method, const Target& target) {
    if (method == "POST") return "create";
    if (method == "PUT") return "update";
    if (method == "PATCH") return "patch";
    const bool collection = target.kind != nullptr && target.name.empty();
    if (method == "DELETE") return collection ? "deletecollection" : "delete";
    if (!collection) return "get";
    return target.watch() ? "watch" : "list";
}

std::string resource_of(const Target& target) {
    if (target.kind != nullptr) {
        std::string resource(target.kind->resource);
        return target.subresource.empty() ? resource : resource + "/" + target.subresource;
    }
    const std::size_t slash = target.rest.rfind('/');
    return target.rest.substr(slash == std::string::npos ? 0 : slash + 1);
}

}  // namespace milo_perf::fake_milo
