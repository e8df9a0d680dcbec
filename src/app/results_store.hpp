#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <functional>
#include <string>

#include "kube/client.hpp"

namespace milo_perf::app {

/// Changes a ConfigMap's `data`, given what is there now.
using DataChange = std::function<void(boost::json::object& data)>;

/// The ConfigMap `perf-results`: read, changed and written back, with its resource version, so that someone
/// else's write in between is not lost.
class ResultsStore {
  public:
    static constexpr std::string_view name = "perf-results";

    ResultsStore(kube::Client& client, std::string ns, stats::Recorder& recorder);

    /// Its data; empty when there is none. `problem` gets one sentence when it cannot be read.
    boost::asio::awaitable<boost::json::object> read(std::string& problem);

    /// Gives one sentence when it could not be written, an empty text otherwise.
    boost::asio::awaitable<std::string> update(DataChange change);

    /// As an update that changes nothing and is not kept (`dryRun=All`): tells whether one would succeed.
    boost::asio::awaitable<std::string> probe();

    /// Gives one sentence when it could not be removed; one that is not there is no problem.
    boost::asio::awaitable<std::string> remove();

    const std::string& ns() const { return namespace_; }

  private:
    boost::asio::awaitable<std::string> write(DataChange change, std::string_view query);
    boost::json::object fresh() const;
    std::string sentence(std::string_view verb, const kube::Reply& reply) const;
    std::string unreadable() const;

    kube::Client& client_;
    std::string namespace_;
    std::string collection_;
    std::string path_;
    stats::Recorder& recorder_;
};

}  // namespace milo_perf::app
