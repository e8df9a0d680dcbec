#include "app/numbered_run.hpp"

#include <fmt/format.h>

#include <utility>

namespace milo_perf::app {

std::string run_folder(std::size_t number) {
    return fmt::format("run-{:02}", number);
}

config::Settings numbered(config::Settings settings, std::size_t number) {
    if (!settings.test_id.empty()) settings.test_id += fmt::format("-{:02}", number);
    settings.out_dir += "/" + run_folder(number);
    return settings;
}

void check_numbered(const config::Settings& settings, std::size_t number) {
    config::check_identity(numbered(settings, number));
}

}  // namespace milo_perf::app
