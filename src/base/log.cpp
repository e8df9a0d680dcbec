#include "base/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <string>
#include <utility>

#include "base/error.hpp"

namespace milo_perf::log {
namespace {

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = [] {
        auto made = spdlog::stderr_color_st("milo-perf");
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%-5l%$ %v", spdlog::pattern_time_type::utc);
        return made;
    }();
    return *instance;
}

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
        case Level::off:
            break;
    }
    return spdlog::level::off;
}

Level current = Level::info;

std::function<void()>& before_line() {
    static std::function<void()> hook;
    return hook;
}

}  // namespace

void set_level(Level level) {
    current = level;
    logger().set_level(to_spdlog(level));
}

Level level() {
    return current;
}

void set_before_line(std::function<void()> hook) {
    before_line() = std::move(hook);
}

void write(Level level, std::string_view line) {
    if (before_line()) before_line()();
    // What servers say stands in some lines.
    logger().log(to_spdlog(level), one_line(std::string(line)));
}

}  // namespace milo_perf::log
