#include "workload/execute.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "kube/scopes.hpp"
#include "kube/watch.hpp"
#include "workload/object_template.hpp"

namespace milo_perf::workload {
namespace asio = boost::asio;
namespace json = boost::json;

namespace {

Ending ending_of(const kube::Reply& reply) {
    if (reply.ok()) return Ending::done;
    if (reply.judgement.verdict == kube::Verdict::cancelled) return Ending::cancelled;
    return reply.not_found() ? Ending::not_found : Ending::failed;
}

Ending ending_of(const kube::CreateReply& created) {
    switch (created.creation) {
        case kube::Creation::created:
            return Ending::done;
        case kube::Creation::existing:
            return Ending::existing;
        case kube::Creation::failed:
            break;
    }
    return created.reply.judgement.verdict == kube::Verdict::cancelled ? Ending::cancelled : Ending::failed;
}

void write_name(const Operation& operation, std::string& name) {
    if (operation.name.empty()) {
        operation.object->write_name(operation.index, name);
    } else {
        name.assign(operation.name);
    }
}

/// The object's own path, under `collection`.
void write_path(const Operation& operation, const std::string& collection, Executor::Scratch& scratch) {
    write_name(operation, scratch.name);
    scratch.path.assign(collection).append("/").append(scratch.name);
}

}  // namespace

asio::awaitable<void> Executor::run(const Operation& operation, TimePoint planned, Scratch& scratch) {
    switch (operation.verb) {
        case stats::Verb::create:
            return create(operation, planned, scratch);
        case stats::Verb::get:
            return get(operation, planned, scratch);
        case stats::Verb::list:
            return list(operation, planned);
        case stats::Verb::watch:
            return watch(operation);
        case stats::Verb::update:
            return update(operation, planned, scratch);
        case stats::Verb::patch:
            return patch(operation, planned, scratch);
        case stats::Verb::delete_:
            return delete_one(operation, planned, scratch);
        case stats::Verb::deletecollection:
            return delete_collection(operation, planned, scratch);
        case stats::Verb::review:
            break;
    }
    throw std::logic_error("a review is no operation on objects");
}

asio::awaitable<void> Executor::create(const Operation& operation, TimePoint planned, Scratch& scratch) {
    observer_.begun(operation);
    write_path(operation, operation.collection->read_path(), scratch);
    operation.object->write_body(scratch.name, scratch.body);
    const kube::CreateCall call{.collection_path = operation.collection->path(),
                                .object_path = scratch.path,
                                .body = scratch.body,
                                .owner_label = owner_label_,
                                .series = operation.series,
                                .get_series = operation.lookup_series,
                                .planned = planned};
    kube::CreateReply created;
    co_await client_.create(call, created);
    observer_.ended(operation, {ending_of(created), created.reply});
}

asio::awaitable<void> Executor::call(const Operation& operation, kube::Call call) {
    observer_.begun(operation);
    call.series = operation.series;
    call.response_body = http::Body::discard_if_ok;
    const kube::Reply reply = co_await client_.call(call);
    observer_.ended(operation, {ending_of(reply), reply});
}

asio::awaitable<void> Executor::get(const Operation& operation, TimePoint planned, Scratch& scratch) {
    write_path(operation, operation.collection->read_path(), scratch);
    return call(operation, {.method = "GET", .path = scratch.path, .body = {}, .planned = planned});
}

asio::awaitable<void> Executor::update(const Operation& operation, TimePoint planned, Scratch& scratch) {
    write_path(operation, operation.collection->path(), scratch);
    operation.object->write_body(scratch.name, scratch.body);
    return call(operation, {.method = "PUT", .path = scratch.path, .body = scratch.body, .planned = planned});
}

asio::awaitable<void> Executor::patch(const Operation& operation, TimePoint planned, Scratch& scratch) {
    write_path(operation, operation.collection->path(), scratch);
    operation.object->write_body(scratch.name, scratch.body);
    return call(operation, {.method = "PATCH",
                            .path = scratch.path,
                            .body = scratch.body,
                            .content_type = "application/merge-patch+json",
                            .planned = planned});
}

asio::awaitable<void> Executor::delete_one(const Operation& operation, TimePoint planned, Scratch& scratch) {
    observer_.begun(operation);
    write_path(operation, operation.collection->path(), scratch);
    const kube::Reply reply = co_await client_.call({.method = "DELETE",
                                                     .path = scratch.path,
                                                     .body = {},
                                                     .series = operation.series,
                                                     .response_body = http::Body::discard_if_ok,
                                                     .planned = planned,
                                                     .max_attempts = std::nullopt});
    // A conflict says that it is being deleted already.
    const bool on_its_way = reply.status == 409;
    observer_.ended(operation, {on_its_way ? Ending::done : ending_of(reply), reply});
}

asio::awaitable<void> Executor::delete_collection(const Operation& operation, TimePoint planned,
                                                  Scratch& scratch) {
    scratch.path = operation.collection->path();
    if (!operation.label_selector.empty())
        scratch.path += "?labelSelector=" + kube::percent_encoded(operation.label_selector);
    return call(operation, {.method = "DELETE", .path = scratch.path, .body = {}, .planned = planned});
}

asio::awaitable<void> Executor::list(const Operation& operation, TimePoint planned) {
    observer_.begun(operation);
    kube::ListOptions options{.label_selector = std::string(operation.label_selector),
                              .page_size = operation.page_size,
                              .resource_version = std::string(operation.resource_version),
                              .planned = planned};
    std::function<void(json::object&)> take = [this, &operation](json::object& object) {
        observer_.object(operation, object);
    };
    const kube::Reply reply = co_await client_.list(operation.collection->read_path(), std::move(options),
                                                    operation.series, std::move(take));
    observer_.ended(operation, {ending_of(reply), reply});
}

asio::awaitable<void> Executor::watch(const Operation& operation) {
    observer_.begun(operation);
    kube::WatchOptions options;
    options.path = operation.collection->read_path();
    options.label_selector = operation.label_selector;
    options.request_length = operation.request_length;
    options.silence = options.request_length + std::chrono::seconds(10);
    options.list_series = operation.lookup_series;
    options.watch_series = operation.series;
    kube::WatchHandlers handlers;
    handlers.on_object = [this, &operation](json::object& object) { observer_.object(operation, object); };
    handlers.on_deleted = [this, &operation](json::object& object) {
        observer_.object_gone(operation, object);
    };
    handlers.on_listed = [this, &operation] { observer_.listed(operation); };
    handlers.on_notice = [this, &operation](std::string text) {
        observer_.notice(operation, std::move(text));
    };
    co_await kube::follow(client_, std::move(options), std::move(handlers));
}

asio::awaitable<void> run_one(const Context& context, Operation operation, Observer& observer) {
    Executor executor(context, observer);
    Executor::Scratch scratch;
    co_await executor.run(operation, TimePoint{}, scratch);
}

void note_failure(Journal& journal, const Operation& operation, const Outcome& outcome) {
    const std::string& resource = operation.collection->type().plural;
    if (operation.verb == stats::Verb::create) {
        journal.failure(resource, outcome.reply.message);
        return;
    }
    journal.failure(fmt::format("{} {}", stats::names_of(operation.verb).doing, resource),
                    outcome.reply.message);
}

}  // namespace milo_perf::workload
