#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "kube/client.hpp"

namespace milo_perf::session {

/// Changes a ConfigMap's `data`, given what is there now.
using DataChange = std::function<void(boost::json::object& data)>;

/// The ConfigMap `perf-results`: read, changed and written back, with its resource version, so that someone
/// else's write in between is not lost.
class ResultsStore {
  public:
    static constexpr std::string_view name = "perf-results";

    ResultsStore(kube::Client& client, std::string ns, stats::Recorder& recorder);

    /// Its data; empty when there is none.
    boost::asio::awaitable<Result<boost::json::object>> read();

    boost::asio::awaitable<Result<>> update(DataChange change);

    /// As an update that changes nothing and is not kept (`dryRun=All`): tells whether one would succeed.
    boost::asio::awaitable<Result<>> probe();

    /// One that is not there is removed already.
    boost::asio::awaitable<Result<>> remove();

    const std::string& ns() const { return namespace_; }

  private:
    boost::asio::awaitable<Result<>> write(DataChange change, std::string_view query);
    /// One read and one write; its error may be tried again when somebody else wrote in between.
    boost::asio::awaitable<Result<>> write_once(const DataChange& change, std::string_view query);
    boost::asio::awaitable<kube::Reply> call(std::string_view method, std::string target, std::string body);
    boost::json::object fresh() const;
    Error failed_to(std::string_view verb, const kube::Reply& reply, bool retry = false) const;
    Error unreadable() const;

    kube::Client& client_;
    std::string namespace_;
    std::string collection_;
    std::string path_;
    stats::Recorder& recorder_;
};

}  // namespace milo_perf::session
