#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "kube/credentials.hpp"

namespace milo_perf::kube {

/// Where each part of a user's credentials stands; an empty path means that the text beside it is used.
struct CredentialFiles {
    std::filesystem::path token;
    std::filesystem::path client_certificate;
    std::filesystem::path client_key;
    /// Used where there is no token file, or while it cannot be read.
    std::string authorization;
    ClientCertificate inline_certificate;
    /// The knob that names the token's file, for messages; empty: the kubeconfig's tokenFile.
    std::string token_knob;
};

/// Credentials from files, read now and again every RefreshSchedule::file_period and after a 401. Throws
/// UserError when a file cannot be read now.
std::shared_ptr<Credentials> make_file_credentials(CredentialFiles files);

/// A bearer token from the file that the knob `knob` names, in the same way.
std::shared_ptr<Credentials> make_bearer_file_credentials(std::filesystem::path token, std::string knob);

}  // namespace milo_perf::kube
