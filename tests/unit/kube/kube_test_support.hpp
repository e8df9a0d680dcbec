#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.hpp"

namespace milo_perf::kube::test {

/// A folder that is removed with all it holds.
class TempFolder {
  public:
    TempFolder();
    ~TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }
    /// Writes a file, readable by its owner alone, with folders above it as needed; gives its path.
    std::filesystem::path write(const std::string& name, std::string_view text) const;
    /// Writes a program.
    std::filesystem::path write_script(const std::string& name, std::string_view text) const;

  private:
    std::filesystem::path path_;
};

/// A self-signed certificate and its key.
struct TestCertificate {
    std::string certificate_pem;
    std::string key_pem;
};

/// Makes a certificate valid from an hour ago until `valid_for` from now.
TestCertificate make_certificate(std::chrono::seconds valid_for = std::chrono::hours(1));

/// `key_pem` encrypted with a password.
std::string encrypted_key(const std::string& key_pem);

/// Runs a coroutine to its end on `context`.
template <class T>
T run(boost::asio::io_context& context, boost::asio::awaitable<T> work) {
    std::optional<T> result;
    std::exception_ptr failure;
    boost::asio::co_spawn(context, std::move(work), [&](std::exception_ptr error, T value) {
        failure = error;
        if (!error) result = std::move(value);
    });
    context.restart();
    context.run();
    if (failure) std::rethrow_exception(failure);
    return std::move(*result);
}

/// The sentence of the UserError that `act` throws; empty when it throws none.
template <class Act>
std::string sentence_of(Act act) {
    try {
        act();
    } catch (const UserError& error) {
        return error.what();
    }
    return {};
}

inline bool contains(std::string_view text, std::string_view part) {
    return text.find(part) != std::string_view::npos;
}

}  // namespace milo_perf::kube::test
