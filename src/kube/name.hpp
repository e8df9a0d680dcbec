#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace milo_perf::kube {

/// Why `name` is no RFC 1123 subdomain (dot-separated labels, 253 characters at most), as Kubernetes wants
/// the name of most objects; a clause such as "it is empty". Nothing when it is one.
std::optional<std::string> subdomain_problem(std::string_view name);

/// Why `name` is no RFC 1123 label (lower-case letters, digits and '-', 63 characters at most), as Kubernetes
/// wants the name of a namespace or a Service. Nothing when it is one.
std::optional<std::string> label_problem(std::string_view name);

}  // namespace milo_perf::kube
