#include "kube/credentials_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "kube/text_file.hpp"
#include "kube/tls_material.hpp"

namespace milo_perf::kube {
namespace {

constexpr std::size_t max_credential_bytes = 1024 * 1024;

/// Reads one file into `text`; false, with the problem noted, when that fails.
bool read_part(const std::filesystem::path& path, std::string_view field, std::string& text,
               std::string& problem, bool of_kubeconfig = true) {
    TextFile file = read_text_file(path, max_credential_bytes);
    if (!file.problem.empty()) {
        problem = fmt::format("The {} {}{} cannot be read ({}): put the file there, or correct the path{}.",
                              field, path.string(), of_kubeconfig ? " of the kubeconfig's user" : "",
                              file.problem, of_kubeconfig ? " in the kubeconfig" : "");
        return false;
    }
    text = std::move(file.text);
    return true;
}

class FileCredentials final : public Credentials {
  public:
    explicit FileCredentials(CredentialFiles files) : files_(std::move(files)) {
        const std::string problem = accept(read(), Clock::now());
        if (!problem.empty()) throw UserError(problem);
    }

  private:
    boost::asio::awaitable<FetchedCredentials> fetch() override { co_return read(); }

    FetchedCredentials read() const {
        FetchedCredentials fetched{.authorization = files_.authorization,
                                   .client_certificate = files_.inline_certificate,
                                   .lifetime = RefreshSchedule::file_period,
                                   .problem = {}};
        if (!files_.token.empty()) read_token(fetched);
        if (fetched.problem.empty()) read_certificate(fetched);
        return fetched;
    }

    void read_token(FetchedCredentials& fetched) const {
        std::string text;
        const std::string_view field =
            files_.token_knob.empty() ? std::string_view("tokenFile") : std::string_view(files_.token_knob);
        if (!read_part(files_.token, field, text, fetched.problem, files_.token_knob.empty())) {
            if (!files_.authorization.empty()) fetched.problem.clear();
            return;
        }
        const std::string token = trimmed(text);
        if (token.empty() || !is_header_text(token)) {
            // As client-go: what the entry has beside it is used.
            if (!files_.authorization.empty()) return;
            fetched.problem =
                fmt::format("The {} {} {}: put the bare token there.", field, files_.token.string(),
                            token.empty() ? "is empty" : "holds more than one line or is no text");
            return;
        }
        fetched.authorization = fmt::format("Bearer {}", token);
    }

    void read_certificate(FetchedCredentials& fetched) const {
        ClientCertificate& certificate = fetched.client_certificate;
        if (!files_.client_certificate.empty() && !read_part(files_.client_certificate, "client-certificate",
                                                             certificate.certificate_pem, fetched.problem))
            return;
        if (!files_.client_key.empty() &&
            !read_part(files_.client_key, "client-key", certificate.key_pem, fetched.problem))
            return;
        if (certificate.certificate_pem.empty() && certificate.key_pem.empty()) return;
        const auto problem =
            client_certificate_problem(certificate.certificate_pem, certificate.key_pem, WallClock::now());
        if (!problem) {
            const auto left = certificate_lifetime(certificate.certificate_pem, WallClock::now());
            if (left) fetched.lifetime = std::min(*fetched.lifetime, *left);
            return;
        }
        fetched.problem = fmt::format("The client certificate in {} with the key in {} cannot be used: {}.",
                                      place(files_.client_certificate, "client-certificate-data"),
                                      place(files_.client_key, "client-key-data"), *problem);
    }

    static std::string place(const std::filesystem::path& path, std::string_view field) {
        return path.empty() ? std::string(field) : path.string();
    }

    CredentialFiles files_;
};

}  // namespace

std::shared_ptr<Credentials> make_file_credentials(CredentialFiles files) {
    return std::make_shared<FileCredentials>(std::move(files));
}

std::shared_ptr<Credentials> make_bearer_file_credentials(std::filesystem::path token, std::string knob) {
    return make_file_credentials({.token = std::move(token), .token_knob = std::move(knob)});
}

}  // namespace milo_perf::kube
