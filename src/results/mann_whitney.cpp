#include <algorithm>
#include <cmath>
#include <cstdint>

#include "results/compare.hpp"

namespace milo_perf::results {

namespace {

/// C(20, 10) = 184,756 ways at most.
constexpr std::size_t most_exact = 20;

/// Twice the mid-rank of every value, so that ties stay whole numbers; those of `a` come first.
std::vector<std::int64_t> double_ranks(std::span<const double> a, std::span<const double> b) {
    std::vector<double> joint(a.begin(), a.end());
    joint.insert(joint.end(), b.begin(), b.end());
    std::vector<std::int64_t> ranks;
    for (const double one : joint) {
        std::int64_t twice = 1;
        for (const double other : joint) twice += other < one ? 2 : (other == one ? 1 : 0);
        ranks.push_back(twice);
    }
    return ranks;
}

/// Counts the subsets of `left` more ranks from `at` on by how far their sum lies from the expected one.
struct Enumeration {
    const std::vector<std::int64_t>& ranks;
    std::int64_t expected = 0;
    std::int64_t observed_distance = 0;
    std::uint64_t all = 0;
    std::uint64_t extreme = 0;

    void visit(std::size_t at, std::size_t left, std::int64_t sum) {
        if (left == 0) {
            ++all;
            if (std::abs(sum - expected) >= observed_distance) ++extreme;
            return;
        }
        if (ranks.size() - at < left) return;
        visit(at + 1, left - 1, sum + ranks[at]);
        visit(at + 1, left, sum);
    }
};

/// Two-sided, with continuity and tie correction.
double normal_p(std::span<const double> a, std::span<const double> b, const std::vector<std::int64_t>& ranks,
                double distance) {
    const auto m = static_cast<double>(a.size());
    const auto n = static_cast<double>(b.size());
    const double total = m + n;
    std::vector<std::int64_t> sorted = ranks;
    std::sort(sorted.begin(), sorted.end());
    double ties = 0;
    for (std::size_t i = 0; i < sorted.size();) {
        const auto end = std::upper_bound(sorted.begin(), sorted.end(), sorted[i]) - sorted.begin();
        const double size = static_cast<double>(end) - static_cast<double>(i);
        ties += size * size * size - size;
        i = static_cast<std::size_t>(end);
    }
    const double variance = m * n / 12 * (total + 1 - ties / (total * (total - 1)));
    if (variance <= 0) return 1;
    const double z = std::max(0.0, distance / 2 - 0.5) / std::sqrt(variance);
    return std::min(1.0, std::erfc(z / std::sqrt(2.0)));
}

}  // namespace

double mann_whitney_p(std::span<const double> a, std::span<const double> b) {
    if (a.empty() || b.empty()) return 1;
    const std::vector<std::int64_t> ranks = double_ranks(a, b);
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i) sum += ranks[i];
    const auto size = static_cast<std::int64_t>(ranks.size());
    const std::int64_t expected = static_cast<std::int64_t>(a.size()) * (size + 1);
    const std::int64_t distance = std::abs(sum - expected);
    if (ranks.size() > most_exact) return normal_p(a, b, ranks, static_cast<double>(distance));
    Enumeration ways{.ranks = ranks, .expected = expected, .observed_distance = distance};
    ways.visit(0, a.size(), 0);
    return static_cast<double>(ways.extreme) / static_cast<double>(ways.all);
}

}  // namespace milo_perf::results
