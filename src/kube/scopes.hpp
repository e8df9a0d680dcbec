#pragma once

#include <string>
#include <string_view>

namespace milo_perf::kube {

/// A part of an API server that is reached under a path of its own: `prefix` stands before the ordinary REST
/// path, begins with a slash, and has none at its end. Empty is the server's root.
struct Scope {
    std::string prefix;

    /// `rest_path`, which begins with a slash, as a request's target in this scope.
    std::string path(std::string_view rest_path) const { return prefix + std::string(rest_path); }
};

/// `text` as one segment of a path or one value of a query: everything but RFC 3986's unreserved characters
/// percent-encoded.
std::string percent_encoded(std::string_view text);

}  // namespace milo_perf::kube
