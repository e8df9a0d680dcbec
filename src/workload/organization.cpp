#include "workload/organization.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "workload/execute.hpp"
#include "workload/object_template.hpp"

namespace milo_perf::workload {

namespace {

class OrganizationCreate : public Observer {
  public:
    explicit OrganizationCreate(const Context& context)
        : identity_(context.identity), count_(context.tallies.at(types::organizations.plural)) {
        count_.requested = 1;
    }

    void ended(const Operation& /*operation*/, const Outcome& outcome) override {
        Tallies::count(count_, outcome.ending);
        if (outcome.ending != Ending::failed) return;
        if (outcome.reply.status == 409) {
            throw UserError(fmt::format("Organization {} is there already and is not of run {}: choose "
                                        "another ORG_NAME, or delete it first.",
                                        identity_.org_name(), identity_.test_id()),
                            ExitCode::failed);
        }
        throw UserError(
            fmt::format(
                "Organization {} could not be created: {}; correct what the server refused and run again.",
                identity_.org_name(), outcome.reply.message),
            ExitCode::failed);
    }

  private:
    const Identity& identity_;
    results::ObjectCount& count_;
};

}  // namespace

boost::asio::awaitable<void> create_organization(const Context& context) {
    const Collection collection(types::organizations, Scope::root());
    const ObjectTemplate object = ObjectTemplate::organization(context.identity);
    const SeriesOfPhase series(context.recorder, "organization", stats::Purpose::load);
    const Operation create{.verb = stats::Verb::create,
                           .collection = &collection,
                           .object = &object,
                           .name = context.identity.org_name(),
                           .series = series.of(stats::Verb::create, types::organizations),
                           .lookup_series = series.support(stats::Verb::get, types::organizations)};
    OrganizationCreate observer(context);
    co_await run_one(context, create, observer);
}

}  // namespace milo_perf::workload
