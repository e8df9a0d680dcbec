#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace milo_perf::load {

/// Finds the knee of a load: the highest throughput that keeps a limit. First every given value is measured,
/// in ascending order; then the gap between the last value that keeps the limit and the first one that does
/// not is halved until both are neighbours or lie within 10 %. No I/O: the caller asks next(), measures, and
/// tells.
class KneeSearch {
  public:
    struct Options {
        /// Only whole values can be set.
        bool whole_numbers = true;
        /// Without a limit there is nothing to halve.
        bool limited = true;
        /// The gap, relative to its lower end, at which the search ends.
        double close_enough = 0.1;
    };

    struct Measured {
        double value = 0;
        bool keeps_limit = false;
        double throughput = 0;
    };

    enum class Conclusion {
        /// There was no limit to look for.
        no_limit,
        /// Between two neighbours.
        found,
        /// Every value keeps the limit: the knee lies higher.
        above_all,
        /// No value keeps it: the knee lies lower.
        below_all,
        /// The search was not finished.
        unfinished
    };

    /// `values` are distinct, above 0, in any order.
    KneeSearch(std::vector<double> values, Options options);

    /// The value to measure next; empty when the search is over.
    std::optional<double> next() const;
    /// Whether next() is a value between the given ones.
    bool halving() const { return given_left_ == 0; }
    /// What came of next().
    void measured(bool keeps_limit, double throughput);

    Conclusion conclusion() const;
    /// The last value below the first one that misses the limit, and that one.
    std::optional<double> last_kept() const;
    std::optional<double> first_missed() const;
    /// The highest throughput of values that keep the limit and lie below the first one that misses it;
    /// without a limit the highest of all.
    std::optional<Measured> knee() const;
    /// True when a value above the first one that misses the limit keeps it: the measurements are noisy.
    bool contradictory() const;

  private:
    std::optional<double> middle() const;

    Options options_;
    std::vector<double> given_;
    std::size_t given_left_;
    std::vector<Measured> measured_;
};

}  // namespace milo_perf::load
