#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fake_milo/server.hpp"

namespace milo_perf::fake_milo::test {

struct Answer {
    /// 0 when the connection ended without a head.
    int status = 0;
    std::string head;
    std::string body;
};

/// One request on a connection of its own, without TLS; reads until the server closes.
Answer ask(const Server& server, std::string_view method, std::string_view target, std::string_view body = {},
           std::string_view content_type = "application/json", std::string_view token = "fake-token");

/// The lines of a watch until its end.
std::vector<std::string> watch_lines(const Server& server, std::string_view target);

inline Options plain_options() {
    Options options;
    options.tls = false;
    return options;
}

inline constexpr const char* organizations = "/apis/resourcemanager.miloapis.com/v1alpha1/organizations";
inline constexpr const char* projects = "/apis/resourcemanager.miloapis.com/v1alpha1/projects";
inline constexpr const char* configmaps = "/api/v1/namespaces/default/configmaps";

std::string configmap(std::string_view name, std::string_view label);
Answer create_project(const Server& server, std::string_view name);

}  // namespace milo_perf::fake_milo::test
