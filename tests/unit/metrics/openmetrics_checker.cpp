#include "openmetrics_checker.hpp"

#include <cmath>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <vector>

namespace milo_perf::metrics::test {

namespace {

struct Family {
    std::string name;
    std::string type;
    std::string unit;
};

struct Bucket {
    double bound = 0;
    double count = 0;
};

const std::map<std::string, std::set<std::string>> suffixes{{"counter", {"_total", "_created"}},
                                                            {"gauge", {""}},
                                                            {"info", {"_info"}},
                                                            {"histogram", {"_bucket", "_count", "_sum"}}};

class Checker {
  public:
    std::string check(const std::string& text) {
        if (text.empty() || text.back() != '\n') return "no line feed at the end";
        std::istringstream lines(text);
        bool ended = false;
        for (std::string line; std::getline(lines, line);) {
            if (ended) return "lines after # EOF";
            ended = line == "# EOF";
            const std::string problem = ended ? std::string() : check_line(line);
            if (!problem.empty()) return problem + ": " + line;
        }
        return ended ? check_buckets() : "no # EOF";
    }

  private:
    std::string check_line(const std::string& line) {
        if (line.rfind("# ", 0) == 0) return check_metadata(line);
        return check_sample(line);
    }

    std::string check_metadata(const std::string& line) {
        static const std::regex form(R"re(# (TYPE|UNIT|HELP) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+))re");
        std::smatch match;
        if (!std::regex_match(line, match, form)) return "malformed metadata";
        if (match[2] != family_.name) {
            if (!names_.insert(match[2]).second) return "family is interleaved or there twice";
            family_ = {match[2], "", ""};
            sampled_ = false;
        }
        if (sampled_) return "metadata after samples";
        if (match[1] == "TYPE") {
            family_.type = match[3];
            if (suffixes.count(family_.type) == 0) return "unknown type";
        }
        if (match[1] == "UNIT") {
            const std::string end = "_" + match[3].str();
            if (family_.name.size() <= end.size() ||
                family_.name.compare(family_.name.size() - end.size(), end.size(), end) != 0) {
                return "unit does not end the name";
            }
        }
        static const std::regex escapes(R"re((?:[^\\"]|\\[\\n"])*)re");
        return std::regex_match(match[3].str(), escapes) ? "" : "bad escape in help";
    }

    std::string check_sample(const std::string& line) {
        static const std::regex form(
            R"re(([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\n"])*",?)*)\})? (\S+))re");
        std::smatch match;
        if (!std::regex_match(line, match, form)) return "malformed sample";
        const std::string name = match[1];
        if (family_.type.empty() || name.rfind(family_.name, 0) != 0) return "sample without its family";
        const std::string suffix = name.substr(family_.name.size());
        if (suffixes.at(family_.type).count(suffix) == 0) return "suffix does not fit the type";
        const double value = match[3] == "+Inf" ? INFINITY : std::stod(match[3]);
        if (family_.type != "gauge" && (std::isnan(value) || value < 0)) return "negative or no number";
        sampled_ = true;
        std::string rest;
        std::string bound;
        const std::string problem = check_labels(match[2], rest, bound);
        if (!problem.empty()) return problem;
        if (!series_.insert(name + rest + bound).second) return "the same sample twice";
        if (suffix == "_bucket") buckets_[family_.name + rest].push_back({bound_of(bound), value});
        if (suffix == "_count") counts_[family_.name + rest] = value;
        return {};
    }

    static double bound_of(const std::string& text) { return text == "+Inf" ? INFINITY : std::stod(text); }

    static std::string check_labels(const std::string& labels, std::string& rest, std::string& bound) {
        static const std::regex one(R"re(([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)")re");
        std::set<std::string> names;
        for (std::sregex_iterator it(labels.begin(), labels.end(), one), end; it != end; ++it) {
            if (!names.insert((*it)[1]).second) return "label twice";
            if ((*it)[1] == "le") {
                bound = (*it)[2];
                if (bound != "+Inf" && bound.find_first_of(".e") == std::string::npos)
                    return "bound is no float";
            } else {
                rest += it->str() + ",";
            }
        }
        return {};
    }

    std::string check_buckets() const {
        for (const auto& [series, buckets] : buckets_) {
            for (std::size_t i = 1; i < buckets.size(); ++i) {
                if (buckets[i].bound <= buckets[i - 1].bound || buckets[i].count < buckets[i - 1].count) {
                    return "buckets are not cumulative: " + series;
                }
            }
            const auto count = counts_.find(series);
            if (!std::isinf(buckets.back().bound) || count == counts_.end() ||
                count->second != buckets.back().count) {
                return "+Inf is not the count: " + series;
            }
        }
        return {};
    }

    Family family_;
    bool sampled_ = false;
    std::set<std::string> names_;
    std::set<std::string> series_;
    std::map<std::string, std::vector<Bucket>> buckets_;
    std::map<std::string, double> counts_;
};

}  // namespace

std::string openmetrics_problem(std::string_view text) {
    return Checker().check(std::string(text));
}

}  // namespace milo_perf::metrics::test
