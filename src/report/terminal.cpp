#include "report/terminal.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "report/facts.hpp"
#include "report/text.hpp"
#include "results/names.hpp"

namespace milo_perf::report {
namespace {

using results::Run;

enum class Ink { plain, bold, faint, good, bad, warn };

/// Lines of text, coloured or not; widths are counted without colour.
class Paper {
  public:
    explicit Paper(bool colour) : colour_(colour) {}

    std::string inked(Ink ink, const std::string& text) const {
        constexpr std::string_view codes[] = {"", "1", "2", "32", "31", "33"};
        const auto code = codes[static_cast<std::size_t>(ink)];
        if (!colour_ || code.empty()) return text;
        return fmt::format("\x1B[{}m{}\x1B[0m", code, text);
    }

    void fact(const std::string& label, const std::string& value, Ink ink = Ink::plain) {
        text_ += fmt::format("{:<20} {}\n", label, inked(ink, value));
    }
    void heading(const std::string& text) { text_ += "\n" + inked(Ink::bold, text) + "\n"; }
    void line(const std::string& text) { text_ += text + "\n"; }

    /// The first column is left-aligned, the others right-aligned; the first row is the header.
    void table(const std::vector<std::vector<std::string>>& rows);

    const std::string& text() const { return text_; }

  private:
    bool colour_;
    std::string text_;
};

void Paper::table(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], display_columns(row[i]));
    }
    for (std::size_t r = 0; r < rows.size(); ++r) {
        std::string line;
        for (std::size_t i = 0; i < rows[r].size(); ++i) {
            const std::string space(widths[i] - display_columns(rows[r][i]), ' ');
            line += i == 0 ? "  " + rows[r][i] + space : "  " + space + rows[r][i];
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text_ += inked(r == 0 ? Ink::faint : Ink::plain, line) + "\n";
    }
}

void outcome(Paper& paper, const Run& run) {
    const bool good = run.outcome == results::Outcome::completed;
    paper.fact("Run", printable(run.test_id), Ink::bold);
    paper.fact("Outcome", std::string(name_of(run.outcome).title), good ? Ink::good : Ink::bad);
    if (run.reason) paper.fact("Reason", printable(*run.reason), Ink::bad);
    paper.fact("Organization", run.org_name.empty() ? not_available : printable(run.org_name));
    paper.fact("Workload", workload_text(run));
    paper.fact("Took", duration(run.duration_seconds).text());
    const auto& client = run.client;
    if (client.cpu_share) {
        paper.fact("Client", client_text(client), client.limit == "none" ? Ink::plain : Ink::warn);
    }
    const auto& readiness = run.readiness;
    if (readiness.projects == 0) return paper.fact("Ready", not_available);
    paper.fact("Ready", fmt::format("{} of {} in {} (one: p50 {}, p99 {})", count(readiness.ready),
                                    counted(readiness.projects, "Project"),
                                    duration(run.projects_ready_seconds).text(),
                                    duration(readiness.ready_seen.p50_seconds).text(),
                                    duration(readiness.ready_seen.p99_seconds).text()));
    if (readiness.never_ready > 0) paper.fact("Never Ready", count(readiness.never_ready), Ink::bad);
    if (readiness.above_slo > 0) {
        paper.fact("Above service level",
                   fmt::format("{} took more than {}", count(readiness.above_slo),
                               duration(readiness.slo_seconds).text()),
                   Ink::warn);
    }
}

void objects(Paper& paper, const Run& run) {
    if (run.objects.empty()) return;
    paper.heading("Objects");
    std::vector<std::vector<std::string>> rows{{"", "wanted", "created", "existing", "failed"}};
    for (const auto& [resource, counts] : run.objects) {
        rows.push_back({printable(resource), count(counts.requested), count(counts.created),
                        count(counts.existing), count(counts.failed)});
    }
    paper.table(rows);
}

std::vector<std::vector<std::string>> request_rows(const VerbSeries& load) {
    std::vector<std::vector<std::string>> rows{
        {"", "per second", "p50", "p99", "p99.9", "slowest", "retries", "failed"}};
    for (const auto* series : load.series) {
        const auto& latency = series->operation_latency;
        rows.push_back({printable(series->resource), number(series->throughput_per_second),
                        duration(latency.p50_seconds).text(), duration(latency.p99_seconds).text(),
                        duration(latency.p99_9_seconds).text(), duration(latency.max_seconds).text(),
                        count(series->retries), count(series->operations_failed)});
    }
    return rows;
}

void requests(Paper& paper, const Run& run) {
    const auto verbs = load_by_verb(run);
    if (verbs.empty()) {
        paper.heading("Creates");
        return paper.line("  none recorded");
    }
    for (const auto& one : verbs) {
        paper.heading(std::string(one.verb->title));
        paper.table(request_rows(one));
    }
}

std::string delta(const results::Derived& derived) {
    return with_short_unit(with_sign(quantity(derived.value, derived.unit))) +
           (derived.within_noise() ? " ~" : "");
}

bool reaches_into_load(const NamedSnapshot& named) {
    return named.snapshot->window_reaches_into_load;
}

void snapshot_table(Paper& paper, const Run& run) {
    const auto taken = snapshots(run);
    paper.heading("Snapshots");
    if (taken.empty()) return paper.line("  none taken: n/a");
    std::vector<std::vector<std::string>> rows{{""}};
    for (const auto& each : taken) {
        rows[0].push_back(std::string(each.name) + (reaches_into_load(each) ? " (!)" : ""));
    }
    for (const auto which : results::all_quantities) {
        std::vector<std::string> row{title(which)};
        std::vector<std::optional<double>> values;
        values.reserve(taken.size());
        for (const auto& each : taken) values.push_back(results::value(*each.snapshot, which));
        for (auto& text : in_common_unit(values, results::unit(which))) {
            row.push_back(with_short_unit(std::move(text)));
        }
        rows.push_back(std::move(row));
    }
    paper.table(rows);
    if (std::any_of(taken.begin(), taken.end(), reaches_into_load)) {
        paper.line(paper.inked(Ink::warn, "  (!) its window reaches into the load: no figure at rest"));
    }
}

void costs(Paper& paper, const Run& run) {
    if (!run.metrics.baseline || !run.metrics.after_projects) return;
    paper.heading("Cost");
    const bool objects = run.metrics.after_secrets.has_value();
    std::vector<std::vector<std::string>> rows{{"", "per Project"}};
    if (objects) rows[0].insert(rows[0].end(), {"for its objects", "per object"});
    bool noisy = false;
    for (const auto which : results::all_quantities) {
        std::vector<results::Derived> costs{results::per_project_after_projects(run, which)};
        if (objects) {
            costs.push_back(results::per_project_after_objects(run, which));
            costs.push_back(results::per_object(run, which));
        }
        std::vector<std::string> row{title(which)};
        for (const auto& cost : costs) {
            row.push_back(delta(cost));
            noisy = noisy || cost.within_noise();
        }
        rows.push_back(std::move(row));
    }
    paper.table(rows);
    if (noisy) paper.line(paper.inked(Ink::warn, "  ~ not more than the noise of the samples"));
}

void judgement(Paper& paper, const Run& run) {
    if (!run.thresholds.empty()) paper.heading("Thresholds");
    for (const auto& threshold : run.thresholds) {
        const std::string verdict =
            threshold.verdict.empty() ? std::string() : ": " + printable(threshold.verdict);
        paper.line(
            "  " +
            paper.inked(threshold.passed ? Ink::good : Ink::bad, threshold.passed ? "passed" : "FAILED") +
            "  " + printable(threshold.expression) + verdict);
    }
    if (!run.warnings.empty()) paper.heading("Warnings");
    for (const auto& warning : run.warnings) paper.line(paper.inked(Ink::warn, "  ! " + printable(warning)));
}

}  // namespace

std::string summary(const Run& run, bool colour) {
    Paper paper(colour);
    outcome(paper, run);
    objects(paper, run);
    requests(paper, run);
    snapshot_table(paper, run);
    costs(paper, run);
    judgement(paper, run);
    return paper.text();
}

bool colour_wanted(int fd, const char* no_color, const char* term) {
    if (no_color != nullptr && *no_color != '\0') return false;
    if (term == nullptr || *term == '\0' || std::string_view(term) == "dumb") return false;
    return ::isatty(fd) == 1;
}

}  // namespace milo_perf::report
