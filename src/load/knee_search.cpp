#include "load/knee_search.hpp"

#include <algorithm>
#include <cmath>

namespace milo_perf::load {

KneeSearch::KneeSearch(std::vector<double> values, Options options)
    : options_(options), given_(std::move(values)), given_left_(given_.size()) {
    std::sort(given_.begin(), given_.end());
}

std::optional<double> KneeSearch::next() const {
    if (given_left_ > 0) return given_[given_.size() - given_left_];
    return middle();
}

void KneeSearch::measured(bool keeps_limit, double throughput) {
    const std::optional<double> value = next();
    if (!value) return;
    measured_.push_back({*value, keeps_limit, throughput});
    if (given_left_ > 0) --given_left_;
}

std::optional<double> KneeSearch::first_missed() const {
    if (!options_.limited) return std::nullopt;
    std::optional<double> lowest;
    for (const Measured& one : measured_) {
        if (!one.keeps_limit && (!lowest || one.value < *lowest)) lowest = one.value;
    }
    return lowest;
}

std::optional<double> KneeSearch::last_kept() const {
    if (!options_.limited) return std::nullopt;
    const std::optional<double> missed = first_missed();
    std::optional<double> highest;
    for (const Measured& one : measured_) {
        if (!one.keeps_limit || (missed && one.value > *missed)) continue;
        if (!highest || one.value > *highest) highest = one.value;
    }
    return highest;
}

std::optional<double> KneeSearch::middle() const {
    const std::optional<double> low = last_kept();
    const std::optional<double> high = first_missed();
    if (!low || !high) return std::nullopt;
    const double gap = *high - *low;
    if (gap <= options_.close_enough * *low) return std::nullopt;
    if (!options_.whole_numbers) return *low + gap / 2;
    if (gap < 2) return std::nullopt;
    return std::floor(*low + gap / 2);
}

KneeSearch::Conclusion KneeSearch::conclusion() const {
    if (!options_.limited) return Conclusion::no_limit;
    if (next()) return Conclusion::unfinished;
    if (!first_missed()) return Conclusion::above_all;
    return last_kept() ? Conclusion::found : Conclusion::below_all;
}

std::optional<KneeSearch::Measured> KneeSearch::knee() const {
    const std::optional<double> missed = first_missed();
    std::optional<Measured> best;
    for (const Measured& one : measured_) {
        if (options_.limited && (!one.keeps_limit || (missed && one.value > *missed))) continue;
        if (!best || one.throughput > best->throughput) best = one;
    }
    return best;
}

bool KneeSearch::contradictory() const {
    const std::optional<double> missed = first_missed();
    return missed && std::any_of(measured_.begin(), measured_.end(), [&missed](const Measured& one) {
               return one.keeps_limit && one.value > *missed;
           });
}

}  // namespace milo_perf::load
