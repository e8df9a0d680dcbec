#include "load/rate_profile.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "base/error.hpp"

namespace milo_perf::load {

namespace {

double arrivals_of(const RateProfile::Stage& stage) {
    return (stage.from + stage.to) / 2 * stage.duration_seconds;
}

/// Arrivals in the first `seconds` of a stage.
double arrivals_within(const RateProfile::Stage& stage, double seconds) {
    const double slope = (stage.to - stage.from) / stage.duration_seconds;
    return stage.from * seconds + slope / 2 * seconds * seconds;
}

/// When within a stage its integral reaches `arrivals` (at most arrivals_of).
double seconds_of(const RateProfile::Stage& stage, double arrivals) {
    if (arrivals <= 0) return 0;
    // slope/2 t² + from t = arrivals, solved in the form that keeps its digits when the slope is near 0.
    const double slope = (stage.to - stage.from) / stage.duration_seconds;
    const double root = std::sqrt(std::max(0.0, stage.from * stage.from + 2 * slope * arrivals));
    return std::min(2 * arrivals / (stage.from + root), stage.duration_seconds);
}

/// To the nearest nanosecond, so that 1/500 s is 2,000,000 ns whatever the double says.
Duration rounded(double seconds) {
    return Duration(std::llround(seconds * 1e9));
}

}  // namespace

RateProfile RateProfile::constant(double rate) {
    RateProfile profile;
    profile.final_rate_ = rate;
    return profile;
}

double RateProfile::rate_at(Duration offset) const {
    double seconds = std::max(0.0, to_seconds(offset));
    for (const Stage& stage : stages_) {
        if (seconds < stage.duration_seconds) {
            return stage.from + (stage.to - stage.from) * seconds / stage.duration_seconds;
        }
        seconds -= stage.duration_seconds;
    }
    return final_rate_;
}

double RateProfile::arrivals_until(Duration offset) const {
    double seconds = std::max(0.0, to_seconds(offset));
    double arrivals = 0;
    for (const Stage& stage : stages_) {
        if (seconds < stage.duration_seconds) return arrivals + arrivals_within(stage, seconds);
        arrivals += arrivals_of(stage);
        seconds -= stage.duration_seconds;
    }
    return arrivals + final_rate_ * seconds;
}

std::optional<Duration> RateProfile::time_of(double arrivals) const {
    double begin = 0;
    double rest = arrivals;
    for (const Stage& stage : stages_) {
        const double here = arrivals_of(stage);
        // A stage at rate 0 gives nothing, so what is due at its begin is due before it.
        if (rest < here) return rounded(begin + seconds_of(stage, rest));
        rest -= here;
        begin += stage.duration_seconds;
    }
    if (final_rate_ <= 0) return std::nullopt;
    return rounded(begin + rest / final_rate_);
}

Duration RateProfile::stages_end() const {
    double seconds = 0;
    for (const Stage& stage : stages_) seconds += stage.duration_seconds;
    return rounded(seconds);
}

namespace {

constexpr double max_rate = 1e6;
constexpr double max_seconds = 7 * 24 * 3600;

[[noreturn]] void refuse(std::string_view ramp, std::string_view why) {
    throw UserError(
        fmt::format("RAMP \"{}\" {}; write stages such as 30s:500,1m:500,30s@100 "
                    "(DURATION:RATE is a linear ramp to RATE per second, DURATION@RATE a step).",
                    ramp, why));
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

/// Reads a plain decimal number from the front of `text` and moves behind it.
std::optional<double> take_number(std::string_view& text) {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
    if (error != std::errc{} || !std::isfinite(value) || value < 0 || text.front() == '-')
        return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return value;
}

/// The length of the unit at the front of `text` in seconds; moves behind it.
std::optional<double> take_unit(std::string_view& text) {
    struct Unit {
        std::string_view name;
        double seconds;
    };
    // "ms" stands before "m", which it begins with.
    for (const Unit unit : {Unit{"ms", 0.001}, Unit{"s", 1}, Unit{"m", 60}, Unit{"h", 3600}}) {
        if (text.starts_with(unit.name)) {
            text.remove_prefix(unit.name.size());
            return unit.seconds;
        }
    }
    return std::nullopt;
}

std::optional<double> duration_seconds(std::string_view text) {
    if (text.empty()) return std::nullopt;
    double seconds = 0;
    while (!text.empty()) {
        const auto number = take_number(text);
        if (!number) return std::nullopt;
        const auto unit = take_unit(text);
        if (!unit) return std::nullopt;
        seconds += *number * *unit;
    }
    return seconds;
}

std::optional<double> rate_of(std::string_view text) {
    if (text.empty()) return std::nullopt;
    const auto rate = take_number(text);
    if (!rate || !text.empty()) return std::nullopt;
    return rate;
}

}  // namespace

RateProfile RateProfile::parse(std::string_view ramp) {
    RateProfile profile;
    double before = 0;
    bool any_rate = false;
    std::string_view rest = ramp;
    for (bool more = true; more;) {
        const std::size_t comma = rest.find(',');
        const std::string_view text = trimmed(rest.substr(0, comma));
        more = comma != std::string_view::npos;
        if (more) rest.remove_prefix(comma + 1);

        const std::size_t mark = text.find_first_of(":@");
        if (mark == std::string_view::npos)
            refuse(ramp, fmt::format("has no \":\" or \"@\" in stage \"{}\"", text));
        const auto seconds = duration_seconds(trimmed(text.substr(0, mark)));
        if (!seconds || *seconds <= 0 || *seconds > max_seconds) {
            refuse(ramp, fmt::format("has no duration above 0 and up to 168h in stage \"{}\"", text));
        }
        const auto rate = rate_of(trimmed(text.substr(mark + 1)));
        if (!rate || *rate > max_rate)
            refuse(ramp, fmt::format("has no rate from 0 to 1000000 in stage \"{}\"", text));
        profile.stages_.push_back({*seconds, text[mark] == '@' ? *rate : before, *rate});
        before = *rate;
        any_rate = any_rate || *rate > 0;
    }
    if (!any_rate) refuse(ramp, "never has a rate above 0");
    profile.final_rate_ = before;
    return profile;
}

}  // namespace milo_perf::load
