#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/json/object.hpp>
#include <cstdint>
#include <string>
#include <utility>

#include "kube/client.hpp"
#include "stats/recorder.hpp"
#include "workload/context.hpp"
#include "workload/ending.hpp"
#include "workload/operation.hpp"

namespace milo_perf::workload {

/// What came of an operation; for the time of the call that tells it.
struct Outcome {
    Ending ending;
    const kube::Reply& reply;
};

/// Is told of operations. Every function does nothing unless it is overridden.
class Observer {
  public:
    virtual ~Observer() = default;

    virtual void begun(const Operation& /*operation*/) {}
    virtual void ended(const Operation& /*operation*/, const Outcome& /*outcome*/) {}
    /// Open loop: it was given up before it began.
    virtual void dropped(const Operation& /*operation*/) {}

    /// A list or a watch shows an object.
    virtual void object(const Operation& /*operation*/, boost::json::object& /*object*/) {}
    /// A watch says that an object is gone.
    virtual void object_gone(const Operation& /*operation*/, boost::json::object& /*object*/) {}
    /// A watch has listed: what it did not name is gone.
    virtual void listed(const Operation& /*operation*/) {}
    /// A watch ended early and continues; one line.
    virtual void notice(const Operation& /*operation*/, std::string /*text*/) {}
};

/// Makes operations requests, and answers outcomes. An executor of load/driver.hpp.
class Executor {
  public:
    /// The texts of one operation, used again for the next.
    struct Scratch {
        std::string name;
        std::string body;
        std::string path;
    };

    /// `owner_label` makes an object this run's.
    Executor(kube::Client& client, stats::Recorder& recorder,
             std::pair<std::string_view, std::string_view> owner_label, Observer& observer)
        : client_(client), recorder_(recorder), owner_label_(owner_label), observer_(observer) {}
    Executor(const Context& context, Observer& observer)
        : Executor(context.milo, context.recorder, context.identity.owner_label(), observer) {}

    /// Does one operation, with its retries, and tells the observer. `planned` is when it was due (epoch:
    /// now). A watch goes on until it is cancelled, and throws UserError when the server refuses it for good.
    boost::asio::awaitable<void> run(const Operation& operation, TimePoint planned, Scratch& scratch);
    void late(const Operation& operation) { recorder_.late(operation.series); }
    void dropped(const Operation& operation) {
        recorder_.dropped(operation.series);
        observer_.dropped(operation);
    }

  private:
    using Task = boost::asio::awaitable<void>;

    Task create(const Operation& operation, TimePoint planned, Scratch& scratch);
    Task get(const Operation& operation, TimePoint planned, Scratch& scratch);
    Task list(const Operation& operation, TimePoint planned);
    Task watch(const Operation& operation);
    Task update(const Operation& operation, TimePoint planned, Scratch& scratch);
    Task patch(const Operation& operation, TimePoint planned, Scratch& scratch);
    Task delete_one(const Operation& operation, TimePoint planned, Scratch& scratch);
    Task delete_collection(const Operation& operation, TimePoint planned, Scratch& scratch);

    Task call(const Operation& operation, kube::Call call);

    kube::Client& client_;
    stats::Recorder& recorder_;
    std::pair<std::string_view, std::string_view> owner_label_;
    Observer& observer_;
};

/// Does one operation by itself.
boost::asio::awaitable<void> run_one(const Context& context, Operation operation, Observer& observer);

/// Adds an operation that failed to the journal: "secrets: …", "deleting secrets: …".
void note_failure(Journal& journal, const Operation& operation, const Outcome& outcome);

}  // namespace milo_perf::workload
