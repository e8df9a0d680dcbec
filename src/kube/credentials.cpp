#include "kube/credentials.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/base64.hpp"
#include "base/error.hpp"

namespace milo_perf::kube {

namespace asio = boost::asio;

/// A refresh under way. Its timer never expires: cancelling it wakes those who wait.
struct Credentials::Flight {
    explicit Flight(const asio::any_io_executor& executor)
        : landed(executor, asio::steady_timer::time_point::max()) {}

    asio::steady_timer landed;
    std::string problem;
    /// True until it has a result; who leads it may be cancelled before that.
    bool abandoned = true;
};

Credentials::Credentials() = default;
Credentials::~Credentials() = default;

asio::awaitable<std::string> Credentials::refresh() {
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    while (flight_) {
        const std::shared_ptr<Flight> flight = flight_;
        co_await flight->landed.async_wait(asio::as_tuple(asio::use_awaitable));
        if (!flight->abandoned) co_return flight->problem;
        const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
        if (cancellation.cancelled() != asio::cancellation_type::none)
            co_return "Waiting for credentials was cancelled.";
    }
    const auto flight = std::make_shared<Flight>(executor);
    flight_ = flight;
    struct Landing {
        Credentials& credentials;
        Flight& flight;
        ~Landing() {
            credentials.flight_.reset();
            flight.landed.cancel();
        }
    } const landing{*this, *flight};
    FetchedCredentials fetched = co_await fetch();
    const asio::cancellation_state cancellation = co_await asio::this_coro::cancellation_state;
    if (cancellation.cancelled() != asio::cancellation_type::none) co_return std::move(fetched.problem);
    flight->problem = accept(std::move(fetched), Clock::now());
    flight->abandoned = false;
    co_return flight->problem;
}

void Credentials::invalidate(std::string_view used_authorization, std::uint64_t used_certificate_generation) {
    if (used_authorization == *authorization_ &&
        used_certificate_generation == client_certificate_generation_)
        schedule_.refused();
}

std::string Credentials::accept(FetchedCredentials fetched, TimePoint now) {
    if (!fetched.problem.empty()) {
        schedule_.failed(now);
        return std::move(fetched.problem);
    }
    const bool certificate_changed = fetched.client_certificate != client_certificate_;
    const bool changed = certificate_changed || fetched.authorization != *authorization_;
    schedule_.fetched(now, fetched.lifetime, changed);
    authorization_ = std::make_shared<const std::string>(std::move(fetched.authorization));
    if (certificate_changed) {
        client_certificate_ = std::move(fetched.client_certificate);
        ++client_certificate_generation_;
    }
    return {};
}

namespace {

class StaticCredentials final : public Credentials {
  public:
    StaticCredentials(std::string authorization, ClientCertificate certificate)
        : given_{std::move(authorization), std::move(certificate), std::nullopt, {}} {
        accept(given_, Clock::now());
    }

  private:
    asio::awaitable<FetchedCredentials> fetch() override { co_return given_; }

    FetchedCredentials given_;
};

}  // namespace

std::shared_ptr<Credentials> make_static_credentials(std::string authorization,
                                                     ClientCertificate certificate) {
    return std::make_shared<StaticCredentials>(std::move(authorization), std::move(certificate));
}

bool is_header_text(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 127; });
}

std::string bearer_authorization(std::string_view token, std::string_view origin) {
    if (token.empty()) return {};
    if (!is_header_text(token))
        throw UserError(
            fmt::format("The token in {} holds a character that no HTTP header may hold, such as a line "
                        "break: put the bare token there.",
                        origin));
    return fmt::format("Bearer {}", token);
}

std::string basic_authorization(std::string_view user, std::string_view password) {
    return fmt::format("Basic {}", encode_base64(fmt::format("{}:{}", user, password)));
}

}  // namespace milo_perf::kube
