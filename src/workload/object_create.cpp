#include "workload/object_create.hpp"

namespace milo_perf::workload {

ObjectSeries::ObjectSeries(const Context& context, ObjectKind made, std::string_view phase)
    : kind(std::move(made)),
      series(context.recorder.series(phase, "create", kind.resource())),
      get_series(context.recorder.series(phase, "get", kind.resource())),
      tally(context.tallies.at(std::string(kind.resource()))) {}

boost::asio::awaitable<std::optional<kube::Creation>> create_object(const Context& context,
                                                                    const ObjectSeries& series,
                                                                    const std::string& collection,
                                                                    std::uint32_t index, TimePoint planned,
                                                                    ObjectTexts& texts) {
    series.kind.write_name(index, texts.name);
    series.kind.write_body(texts.name, texts.body);
    texts.object_path.assign(collection).append("/").append(texts.name);
    const kube::CreateCall call{.collection_path = collection,
                                .object_path = texts.object_path,
                                .body = texts.body,
                                .owner_label = context.identity.owner_label(),
                                .series = series.series,
                                .get_series = series.get_series,
                                .planned = planned};
    const kube::CreateReply created = co_await context.milo.create(call);
    if (created.reply.judgement.verdict == kube::Verdict::cancelled) co_return std::nullopt;
    Tallies::count(series.tally, created.creation);
    if (created.creation == kube::Creation::failed)
        context.journal.failure(series.kind.resource(), created.reply.message);
    co_return created.creation;
}

}  // namespace milo_perf::workload
