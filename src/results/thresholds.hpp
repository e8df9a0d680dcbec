#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "results/figures.hpp"
#include "results/model.hpp"

/// Limits that a user sets on a run's figures: `secrets.create.p99 < 250ms`.
namespace milo_perf::results {

enum class Comparator { less, less_or_equal, greater, greater_or_equal };

/// A limit, read and checked.
struct ThresholdRule {
    /// As the user wrote it, without the spaces around.
    std::string expression;
    NamedFigure figure;
    Comparator comparator = Comparator::less;
    /// In the figure's unit.
    double limit = 0;
};

/// Reads `NAME OPERATOR NUMBER[UNIT]`: operators < <= > >=; units us ms s m h for seconds, % for shares,
/// B kB MB GB KiB MiB GiB for bytes, cores, mcores or m for cores, /s for rates; a bare number for counts, a
/// bare share from 0 to 1, and 0. Throws UserError: a syntax error, a unit that is missing or does not fit,
/// or an unknown name with the nearest known ones.
ThresholdRule parse_threshold(std::string_view text);

/// Several, separated by ';' or line ends; empty ones are skipped.
std::vector<ThresholdRule> parse_thresholds(std::string_view text);

/// A missing value does not pass. The verdict says by how much, e.g.
/// "secrets.create.p99 is 312 ms, 62 ms (25 %) above the limit of 250 ms".
Threshold evaluate(const ThresholdRule& rule, const Run& run);

std::vector<Threshold> evaluate(const std::vector<ThresholdRule>& rules, const Run& run);

}  // namespace milo_perf::results
