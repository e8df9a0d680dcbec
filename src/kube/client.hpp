#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/value.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <utility>

#include "http/client.hpp"
#include "kube/cluster.hpp"
#include "kube/retry.hpp"
#include "stats/recorder.hpp"

namespace milo_perf::kube {

/// One call of the API. The texts must live until the reply is there.
struct Call {
    std::string_view method;
    std::string_view path;
    std::string_view body;
    std::string_view content_type = "application/json";
    stats::SeriesId series;
    http::Body response_body = http::Body::collect;
    /// When it was due by the arrival schedule; epoch means now.
    TimePoint planned{};
    /// Attempts instead of the policy's; 1 turns retries off, but for the one with credentials read anew
    /// after a 401.
    std::optional<unsigned> max_attempts;
};

/// What came of a call after all its attempts.
struct Reply {
    Judgement judgement;
    int status = 0;
    std::string body;
    /// What the server or the network said against it; one line, no secrets.
    std::string message;
    unsigned attempts = 0;
    TimePoint finished;

    bool ok() const { return judgement.verdict == Verdict::success; }
    bool not_found() const { return status == 404; }
};

/// How the create of one object ended.
enum class Creation { created, existing, failed };

/// A create. `object_path` is where the object can be looked up, `owner_label` the label that makes it ours.
struct CreateCall {
    std::string_view collection_path;
    std::string_view object_path;
    std::string_view body;
    std::pair<std::string_view, std::string_view> owner_label;
    stats::SeriesId series;
    /// For the look at an object that already exists.
    stats::SeriesId get_series;
    TimePoint planned{};
};

struct CreateReply {
    Creation creation = Creation::failed;
    Reply reply;
};

/// Which objects a list gives, and how.
struct ListOptions {
    /// As kubectl asks for them.
    static constexpr std::uint32_t usual_page_size = 500;

    /// Empty: all of the collection.
    std::string label_selector;
    /// Objects per request (`limit`).
    std::uint32_t page_size = usual_page_size;
    /// "0" is served from the apiserver's watch cache, however old that is; empty is the newest, from etcd.
    std::string resource_version;
    /// When it was due by the arrival schedule; epoch means now.
    TimePoint planned{};
};

/// A client of one API server: credentials, retries and accounting on top of HTTP. Knows nothing of Milo but
/// that paths may have a prefix.
class Client {
  public:
    Client(boost::asio::any_io_executor executor, ClusterConfig config, http::Limits limits,
           RetryPolicy retries, stats::Recorder& recorder);
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Makes one call, again while its outcome is transient. Every attempt and the operation as a whole are
    /// recorded. Cancelled while a request is out it gives `cancelled`; between two attempts it ends as
    /// cancelled coroutines do (operation_aborted).
    boost::asio::awaitable<Reply> call(Call call);

    /// Creates one object. A 409 counts as `existing` only when the object there carries `owner_label`: then
    /// the operation has succeeded, and its latency includes the look at that object. When nothing is there
    /// the create is sent again, a few times. The call and `result`, a fresh one, must live until then; it is
    /// not returned, so that a create in flight holds it only once (see http::Client::send).
    boost::asio::awaitable<void> create(const CreateCall& call, CreateReply& result);

    /// Lists a collection page by page, giving each item to `take`; the reply is the last page's, and its
    /// body is empty. `resource_version` gets the list's. All pages are one operation, each with an attempt
    /// or more.
    boost::asio::awaitable<Reply> list(std::string path, ListOptions options, stats::SeriesId series,
                                       std::function<void(boost::json::object&)> take,
                                       std::string* resource_version = nullptr);

    /// One watch request: `sink` gets the bytes. One attempt, not counted as an operation. The `detail` of a
    /// refusal is the server's message.
    boost::asio::awaitable<http::Outcome> watch(std::string path, Duration silence, http::BodySink sink,
                                                stats::SeriesId series);

    http::ClientCounters counters() const { return http_.counters(); }
    const RetryPolicy& retries() const { return retries_; }
    std::minstd_rand& random() { return random_; }
    /// The Authorization value in use, for blanking it.
    std::string_view authorization() const { return credentials_->authorization(); }
    const http::Endpoint& endpoint() const { return http_.endpoint(); }
    /// The server's clock minus this machine's, by its first answer; empty before, and when it tells no date.
    std::optional<double> clock_offset_seconds() const { return clock_offset_seconds_; }
    void close() { http_.close(); }

  private:
    struct ListSink;

    boost::asio::awaitable<std::string> authorize();
    /// The attempts of one operation, without the accounts of the operation itself. `reply` is a fresh one.
    boost::asio::awaitable<void> attempts(const Call& call, TimePoint begun, Reply& reply);
    /// After a 409: finds out what it meant, and completes `result`.
    boost::asio::awaitable<void> settle_conflict(const CreateCall& call, Call& post, CreateReply& result);
    /// The pages of a list. `begun` is when it began.
    boost::asio::awaitable<void> list_pages(const std::string& path, const ListOptions& options, Call& page,
                                            TimePoint begun, ListSink& sink, Reply& reply);
    /// A handshake that fails may be one with a client certificate that has expired: it is read anew.
    void refused_handshake(const http::Outcome& outcome, std::string_view used, std::uint64_t generation);
    RetryPolicy policy_for(const Call& call) const;
    /// Looks at the object that stands where one was to be created.
    boost::asio::awaitable<Reply> get_existing(const CreateCall& create);
    /// Makes `reply` that of one attempt.
    static void take(http::Outcome&& outcome, Judgement judgement, std::string_view authorization,
                     Reply& reply);

    std::shared_ptr<Credentials> credentials_;
    std::uint64_t certificate_generation_ = 0;
    /// Why the newest refresh of the credentials failed; those before it are used on.
    std::string refresh_problem_;
    std::optional<double> clock_offset_seconds_;
    http::TlsOptions tls_options_;
    http::Client http_;
    RetryPolicy retries_;
    stats::Recorder& recorder_;
    std::minstd_rand random_;
};

/// One line on what went wrong: the server's message (a Status body's) or the network's. Control characters
/// are taken out, and the credentials of `authorization`, which the request had, are blanked.
std::string failure_message(const http::Outcome& outcome, std::string_view authorization);

}  // namespace milo_perf::kube
