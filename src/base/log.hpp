#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>

/// The program's log: lines on standard error, each with a UTC time stamp and a level.
namespace milo_perf::log {

enum class Level { debug, info, warn, error, off };

/// Lines below this level are dropped; `info` until it is set.
void set_level(Level level);
Level level();

/// Called before each line that is written: a display on the same terminal clears its own line there. An
/// empty function ends it.
void set_before_line(std::function<void()> hook);

/// Writes one line. Callers pass no secrets: nothing is filtered here.
void write(Level level, std::string_view line);

template <class... Args>
void emit(Level at, fmt::format_string<Args...> format, Args&&... args) {
    if (at >= level()) write(at, fmt::format(format, std::forward<Args>(args)...));
}
template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
    emit(Level::debug, format, std::forward<Args>(args)...);
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
    emit(Level::info, format, std::forward<Args>(args)...);
}
template <class... Args>
void warn(fmt::format_string<Args...> format, Args&&... args) {
    emit(Level::warn, format, std::forward<Args>(args)...);
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
    emit(Level::error, format, std::forward<Args>(args)...);
}

}  // namespace milo_perf::log
