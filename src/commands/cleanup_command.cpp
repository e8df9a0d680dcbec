#include <fmt/format.h>

#include "commands/commands.hpp"
#include "run/cleanup.hpp"
#include "session/checkpoint.hpp"

namespace milo_perf::commands {
namespace {

/// The settings with the identity of the run to remove: the one of TEST_ID, or the newest that is known.
config::Settings with_known_run(const CommandInput& input) {
    const auto found = session::find_checkpoint(input.settings, input.environment, input.settings.test_id);
    config::Settings settings = input.settings;
    if (!found && settings.test_id.empty()) {
        throw UserError(
            fmt::format("No run to clean up was found in {} or in the results ConfigMap: give "
                        "TEST_ID of the run.",
                        results::checkpoint_path(settings.out_dir).string()));
    }
    if (!found) return settings;
    settings.test_id = found->test_id;
    if (settings.org_name.empty()) settings.org_name = found->org_name;
    return settings;
}

}  // namespace

ExitCode cleanup_command(const CommandInput& input) {
    return run::cleanup(with_known_run(input), input.environment, true);
}

}  // namespace milo_perf::commands
