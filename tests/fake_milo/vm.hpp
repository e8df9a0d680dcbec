#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace milo_perf::fake_milo {

/// What a query gets. Values are texts as Prometheus' API has them ("1.5", "NaN", "+Inf").
struct VmAnswer {
    struct Series {
        std::map<std::string, std::string> labels;
        std::string value;
    };
    /// None: an empty result.
    std::vector<Series> series;
    /// query_range leaves out every nth step; 0: none.
    unsigned gap_every = 0;
    /// Each sample's value is its time, as with `time()`.
    bool of_time = false;

    static VmAnswer of(double value);
    static VmAnswer text(std::string value) { return {{{{}, std::move(value)}}}; }
    static VmAnswer empty() { return {}; }
};

/// The answers of a fake VictoriaMetrics. Thread-safe.
class VmData {
  public:
    /// Holds CPU and memory of apiserver and etcd at first, sampled often and up to the time that is asked
    /// for, so that the standard queries are answered.
    VmData();

    /// Queries that hold all of these texts get `answer`; later rules go before earlier ones.
    void set(std::vector<std::string> contains, VmAnswer answer);
    /// Forgets all rules: every query gets an empty result.
    void clear();
    VmAnswer find(std::string_view query) const;

    void import(std::string_view text);
    /// Lines that came by import, in order.
    std::vector<std::string> imported() const;
    /// Queries so far, in order.
    std::vector<std::string> queries() const;
    void note_query(std::string query);

  private:
    struct Rule {
        std::vector<std::string> contains;
        VmAnswer answer;
    };
    mutable std::mutex mutex_;
    std::vector<Rule> rules_;
    std::vector<std::string> imported_;
    std::vector<std::string> queries_;
};

}  // namespace milo_perf::fake_milo
