#include "workload/journal.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.hpp"

namespace milo_perf::workload {
namespace {

/// Messages that differ only in the object they name are one: quoted names are taken out.
std::string without_names(std::string_view message) {
    std::string general;
    bool quoted = false;
    for (const char c : message) {
        if (c == '"') {
            if (!quoted) general += "\"…";
            quoted = !quoted;
        }
        if (!quoted) general += c;
    }
    return general;
}

std::string with_count(const std::string& message, std::uint64_t count) {
    return count == 1 ? message : fmt::format("{} ({} times)", message, count);
}

}  // namespace

void Journal::event(std::string_view source, std::string message) {
    log::warn("{}: {}", source, message);
    if (events_.size() < max_events) {
        events_.push_back({to_seconds(Clock::now() - origin_), std::string(source), std::move(message)});
    }
}

void Journal::failure(std::string_view what, std::string_view message) {
    ++failure_count_;
    std::string key = fmt::format("{}: {}", what, without_names(message));
    const auto known = failures_.find(key);
    if (known != failures_.end()) {
        ++known->second;
        return;
    }
    if (failures_.size() >= max_messages) {
        ++failures_["other failures"];
        return;
    }
    log::error("{}: {}", what, message);
    failures_.emplace(std::move(key), 1);
}

void Journal::warning(std::string text) {
    log::warn("{}", text);
    warnings_.push_back(std::move(text));
}

void Journal::warning_once(std::string text) {
    if (std::find(warnings_.begin(), warnings_.end(), text) == warnings_.end()) warning(std::move(text));
}

std::vector<std::string> Journal::warnings() const {
    std::vector<std::string> all = warnings_;
    for (const auto& [message, count] : failures_) all.push_back(with_count(message, count));
    return all;
}

std::string Journal::main_failure() const {
    const auto most = std::max_element(failures_.begin(), failures_.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    return most == failures_.end() ? std::string() : with_count(most->first, most->second);
}

}  // namespace milo_perf::workload
