#include <array>
#include <stdexcept>

#include "fake_milo/faults.hpp"

namespace milo_perf::fake_milo {
namespace {

constexpr std::array<std::pair<std::string_view, Effect>, 23> effects{{
    {"none", Effect::none},
    {"status", Effect::status},
    {"echo", Effect::echo},
    {"reset-before-body", Effect::reset_before_body},
    {"reset-before-store", Effect::reset_before_store},
    {"reset-after-store", Effect::reset_after_store},
    {"reset-in-answer", Effect::reset_in_answer},
    {"truncated-answer", Effect::truncated_answer},
    {"close-after-answer", Effect::close_after_answer},
    {"stall", Effect::stall},
    {"stall-after-store", Effect::stall_after_store},
    {"stall-in-answer", Effect::stall_in_answer},
    {"malformed-json", Effect::malformed_json},
    {"wrong-content-type", Effect::wrong_content_type},
    {"no-content-length", Effect::no_content_length},
    {"gzip-body", Effect::gzip_body},
    {"huge-header", Effect::huge_header},
    {"huge-body", Effect::huge_body},
    {"endless-body", Effect::endless_body},
    {"not-http", Effect::not_http},
    {"slow-writer", Effect::slow_writer},
    {"slow-reader", Effect::slow_reader},
    {"watch", Effect::none},
}};

Effect effect_named(std::string_view name) {
    for (const auto& [known, effect] : effects) {
        if (known == name) return effect;
    }
    throw std::invalid_argument("unknown effect " + std::string(name));
}

/// "20" or "20-60" in milliseconds.
Latency latency_of(const std::string& text) {
    const std::size_t dash = text.find('-');
    const Milliseconds from(std::stoll(text));
    if (dash == std::string::npos) return Latency::fixed(from);
    return Latency::uniform(from, Milliseconds(std::stoll(text.substr(dash + 1))));
}

bool set_watch(WatchFault& watch, const std::string& key, const std::string& value) {
    if (key == "close-after-ms")
        watch.close_after = Milliseconds(std::stoll(value));
    else if (key == "close-after-events")
        watch.close_after_events = std::stoull(value);
    else if (key == "half-line")
        watch.half_line = value == "true";
    else if (key == "gone-event")
        watch.gone_event = value == "true";
    else if (key == "bookmarks-only")
        watch.bookmarks_only = value == "true";
    else if (key == "split")
        watch.split = value == "true";
    else if (key == "duplicate")
        watch.duplicate = value == "true";
    else if (key == "reorder")
        watch.reorder = value == "true";
    else if (key == "silence")
        watch.silence = value == "true";
    else if (key == "malformed-line")
        watch.malformed_line = value == "true";
    else
        return false;
    return true;
}

bool set_match(Match& match, const std::string& key, const std::string& value) {
    if (key == "method")
        match.method = value;
    else if (key == "path")
        match.path = value;
    else if (key == "nth")
        match.nth = std::stoull(value);
    else if (key == "every")
        match.every = std::stoull(value);
    else if (key == "probability")
        match.probability = std::stod(value);
    else if (key == "count")
        match.count = std::stoull(value);
    else
        return false;
    return true;
}

void set(Fault& fault, const std::string& key, const std::string& value) {
    if (set_match(fault.match, key, value) || set_watch(fault.watch, key, value)) return;
    if (key == "effect")
        fault.effect = effect_named(value);
    else if (key == "status")
        fault.status = std::stoi(value);
    else if (key == "body")
        fault.body = value;
    else if (key == "retry-after")
        fault.headers.emplace_back("Retry-After", value);
    else if (key == "location")
        fault.headers.emplace_back("Location", value);
    else if (key == "delay-ms")
        fault.delay = latency_of(value);
    else if (key == "delay-after-store")
        fault.delay_after_store = value == "true";
    else if (key == "size-bytes")
        fault.size_bytes = std::stoull(value);
    else if (key == "interval-ms")
        fault.interval = Milliseconds(std::stoll(value));
    else
        throw std::invalid_argument("unknown key " + key);
}

}  // namespace

Fault parse_fault(std::string_view text) {
    Fault fault;
    while (!text.empty()) {
        // A body is the last one, and may have commas.
        const std::size_t end =
            text.starts_with("body=") ? text.size() : std::min(text.find(','), text.size());
        const std::string_view pair = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t equals = pair.find('=');
        if (equals == std::string_view::npos) {
            throw std::invalid_argument("no value in \"" + std::string(pair) + "\"");
        }
        const std::string key(pair.substr(0, equals));
        try {
            set(fault, key, std::string(pair.substr(equals + 1)));
        } catch (const std::logic_error& error) {
            throw std::invalid_argument("bad fault \"" + std::string(pair) + "\": " + error.what());
        }
    }
    return fault;
}

}  // namespace milo_perf::fake_milo
