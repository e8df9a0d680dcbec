#include "workload/organization.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace milo_perf::workload {

boost::asio::awaitable<void> create_organization(const Context& context) {
    const Identity& identity = context.identity;
    const std::string collection = organizations_path();
    const std::string path = organization_path(identity.org_name());
    const std::string body = identity.organization_body();
    results::ObjectCount& count = context.tallies.at("organizations");
    count.requested = 1;
    const kube::CreateCall call{
        .collection_path = collection,
        .object_path = path,
        .body = body,
        .owner_label = identity.owner_label(),
        .series = context.recorder.series("organization", "create", "organizations"),
        .get_series = context.recorder.series("organization", "get", "organizations")};
    const kube::CreateReply created = co_await context.milo.create(call);
    if (created.reply.judgement.verdict == kube::Verdict::cancelled) co_return;
    Tallies::count(count, created.creation);
    if (created.creation != kube::Creation::failed) co_return;
    if (created.reply.status == 409) {
        throw UserError(fmt::format("Organization {} is there already and is not of run {}: choose another "
                                    "ORG_NAME, or remove it first.",
                                    identity.org_name(), identity.test_id()),
                        ExitCode::failed);
    }
    throw UserError(
        fmt::format("Organization {} could not be created: {}; see what the server wants and run again.",
                    identity.org_name(), created.reply.message),
        ExitCode::failed);
}

}  // namespace milo_perf::workload
