#include "results/configmap.hpp"

#include <algorithm>
#include <exception>

#include "results/json.hpp"
#include "results/json_text.hpp"
#include "results/thin.hpp"

namespace milo_perf::results {

namespace {

constexpr const char* thinned_warning =
    "This copy was thinned to fit into a ConfigMap: time line, samples and Projects are shortened; "
    "results.json and report.html in OUT_DIR are complete.";

ConfigMapCopy copy_of(const Run& run, const RenderHtml& render_html) {
    ConfigMapCopy copy;
    copy.results_json = to_json(run);
    try {
        if (render_html) copy.report_html = render_html(run);
    } catch (const std::exception&) {
        copy.report_html.clear();
    }
    copy.thinned = run.thinned;
    copy.bytes = json_string_size(copy.results_json) + json_string_size(copy.report_html);
    return copy;
}

/// Takes the next bit away from a run. One step at a time and the least missed first; false at the end.
class Steps {
  public:
    bool next(Run& run) {
        // Samples and time line by turns, so that neither vanishes while the other has thousands of points.
        if (stage_ == 0 && halve(run)) return true;
        stage_ = std::max(stage_, 1);
        switch (stage_++) {
            case 1:
                thin::keep_projects(run, 500);
                return true;
            case 2:
                thin::keep_projects(run, 100);
                thin::shorten_texts(run, 100, 400);
                return true;
            case 3:
                while (halve_series(run, 60, 120)) continue;
                return true;
            case 4:
                thin::keep_projects(run, 20);
                thin::shorten_texts(run, 20, 200);
                return true;
            case 5:
                thin::drop_histograms(run);
                return true;
            case 6:
                run = thin::essentials(run);
                return true;
            default:
                return false;
        }
    }

  private:
    static bool halve_series(Run& run, std::size_t least_samples, std::size_t least_points) {
        const bool samples = thin::halve_samples(run, least_samples);
        const bool timeline = thin::halve_timeline(run, least_points);
        return samples || timeline;
    }

    bool halve(Run& run) {
        const bool series = halve_series(run, 240, 600);
        const bool projects = run.projects.size() > 1000 && thin::keep_projects(run, run.projects.size() / 2);
        return series || projects;
    }

    int stage_ = 0;
};

}  // namespace

std::size_t json_string_size(std::string_view text) {
    std::string quoted;
    quoted.reserve(text.size() + text.size() / 8);
    append_json_string(quoted, text);
    return quoted.size();
}

ConfigMapCopy fit_configmap(const Run& run, const RenderHtml& render_html, std::size_t limit_bytes) {
    ConfigMapCopy copy = copy_of(run, render_html);
    if (copy.bytes <= limit_bytes) return copy;
    Run smaller = run;
    smaller.thinned = true;
    Steps steps;
    while (steps.next(smaller)) {
        Run shown = smaller;
        shown.warnings.insert(shown.warnings.begin(), thinned_warning);
        copy = copy_of(shown, render_html);
        if (copy.bytes <= limit_bytes) return copy;
    }
    // Not even the report of a bare run fits beside it.
    smaller.warnings.insert(smaller.warnings.begin(), thinned_warning);
    copy = copy_of(smaller, {});
    return copy;
}

}  // namespace milo_perf::results
