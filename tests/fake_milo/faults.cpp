#include "fake_milo/faults.hpp"

namespace milo_perf::fake_milo {

Milliseconds Latency::next(std::mt19937& random) {
    if (!values_.empty()) return values_[turn_++ % values_.size()];
    if (from_ == to_) return from_;
    return Milliseconds(std::uniform_int_distribution<std::int64_t>(from_.count(), to_.count())(random));
}

bool WatchFault::any() const {
    return close_after.count() > 0 || close_after_events > 0 || gone_event || bookmarks_only || split ||
           duplicate || reorder || silence || malformed_line;
}

Fault refuse(Match match, int status, std::vector<std::pair<std::string, std::string>> headers,
             std::string body) {
    Fault fault;
    fault.match = std::move(match);
    fault.effect = Effect::status;
    fault.status = status;
    fault.headers = std::move(headers);
    fault.body = std::move(body);
    return fault;
}

// Rules are never erased, so that their numbers stay good; cleared ones are inactive.
std::size_t FaultPlan::add(Fault fault) {
    const std::lock_guard lock(mutex_);
    rules_.push_back({std::move(fault), {}, true});
    return rules_.size() - 1;
}

std::size_t FaultPlan::add(ConnectionFault fault) {
    const std::lock_guard lock(mutex_);
    connection_rules_.push_back({fault, {}, true});
    return connection_rules_.size() - 1;
}

void FaultPlan::clear() {
    const std::lock_guard lock(mutex_);
    for (Rule& rule : rules_) rule.active = false;
    for (ConnectionRule& rule : connection_rules_) rule.active = false;
}

void FaultPlan::set_phase(std::string phase) {
    const std::lock_guard lock(mutex_);
    phase_ = std::move(phase);
}

std::uint64_t FaultPlan::fired(std::size_t rule) const {
    const std::lock_guard lock(mutex_);
    return rules_.at(rule).counter.fired;
}

bool FaultPlan::fits(const Match& match, std::string_view method, std::string_view verb,
                     std::string_view target) {
    if (!match.method.empty() && match.method != method && match.method != verb) return false;
    if (!match.phase.empty() && match.phase != phase_) return false;
    return match.path.empty() || target.find(match.path) != std::string_view::npos;
}

bool FaultPlan::due(Counter& counter, std::uint64_t nth, std::uint64_t every, double probability,
                    std::uint64_t count) {
    ++counter.seen;
    if (counter.fired >= count) return false;
    if (nth > 0 && counter.seen != nth) return false;
    if (every > 0 && counter.seen % every != 0) return false;
    if (probability < 1 && std::uniform_real_distribution<double>(0, 1)(random_) >= probability) return false;
    ++counter.fired;
    return true;
}

FaultPlan::Decision FaultPlan::decide(std::string_view method, std::string_view verb,
                                      std::string_view target) {
    const std::lock_guard lock(mutex_);
    Decision decision;
    bool decided = false;
    for (Rule& rule : rules_) {
        const Match& match = rule.fault.match;
        const bool only_delays =
            rule.fault.effect == Effect::none && !rule.fault.watch.any() && !rule.fault.delay_after_store;
        if (!rule.active || (decided && !only_delays) || !fits(match, method, verb, target)) continue;
        if (!due(rule.counter, match.nth, match.every, match.probability, match.count)) continue;
        const Milliseconds delay = rule.fault.delay.next(random_);
        if (!only_delays) {
            decided = true;
            decision.fault = rule.fault;
            decision.fault.delay = Latency::fixed(rule.fault.delay_after_store ? delay : Milliseconds(0));
        }
        if (!rule.fault.delay_after_store) decision.delay += delay;
    }
    return decision;
}

std::optional<ConnectionFault::Kind> FaultPlan::on_connection() {
    const std::lock_guard lock(mutex_);
    for (ConnectionRule& rule : connection_rules_) {
        if (!rule.active) continue;
        const ConnectionFault& fault = rule.fault;
        if (due(rule.counter, fault.nth, fault.every, fault.probability, fault.count)) return fault.kind;
    }
    return std::nullopt;
}

}  // namespace milo_perf::fake_milo
