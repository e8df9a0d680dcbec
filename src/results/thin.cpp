#include "results/thin.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

#include "results/json_text.hpp"
#include "results/names.hpp"

namespace milo_perf::results::thin {

namespace {

/// Indices 0, 2, 4, … and the last.
std::vector<std::size_t> every_second(std::size_t size) {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < size; i += 2) kept.push_back(i);
    if (size > 0 && kept.back() != size - 1) kept.push_back(size - 1);
    return kept;
}

std::optional<double> greater(std::optional<double> a, std::optional<double> b) {
    if (!a || !b) return a ? a : b;
    return std::max(*a, *b);
}

void absorb(TimelinePoint& into, const TimelinePoint& next) {
    into.interval_seconds += next.interval_seconds;
    into.started += next.started;
    into.finished += next.finished;
    into.failed += next.failed;
    into.in_flight = next.in_flight;
    into.p50_seconds = greater(into.p50_seconds, next.p50_seconds);
    into.p99_seconds = greater(into.p99_seconds, next.p99_seconds);
}

/// Whether `at` is the first or the last point of its phase.
bool at_end(const std::vector<TimelinePoint>& points, std::size_t at) {
    return at == 0 || at + 1 == points.size() || points[at - 1].phase != points[at].phase ||
           points[at + 1].phase != points[at].phase;
}

bool troubled(const Project& project) {
    return project.create_outcome == "failed" ||
           (!project.ready_seconds && !project.ready_seen_offset_seconds);
}

/// Cut at a character's border.
void cut(std::string& text, std::size_t most_bytes) {
    if (text.size() <= most_bytes) return;
    std::size_t end = most_bytes;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
    text += "…";
}

void cut(std::optional<std::string>& text, std::size_t most_bytes) {
    if (text) cut(*text, most_bytes);
}

void cut(std::optional<Snapshot>& snapshot, std::size_t most_bytes) {
    if (!snapshot) return;
    while (snapshot->evidence.size() > 8) snapshot->evidence.erase(std::prev(snapshot->evidence.end()));
    cut(snapshot->evaluated_at, most_bytes);
    for (auto& [name, evidence] : snapshot->evidence) {
        cut(evidence.label_variant, most_bytes);
        cut(evidence.reason, most_bytes);
        cut(evidence.note, most_bytes);
    }
}

template <class T>
void first(std::vector<T>& list, std::size_t most) {
    if (list.size() > most) list.resize(most);
}

}  // namespace

bool halve_samples(Run& run, std::size_t least_points) {
    bool taken = false;
    for (SampledSeries& series : run.samples) {
        if (series.values.size() <= least_points || series.values.size() < 3) continue;
        taken = true;
        std::vector<double> offsets;
        std::vector<std::optional<double>> values;
        for (const std::size_t i : every_second(series.values.size())) {
            offsets.push_back(series.offsets_seconds[i]);
            values.push_back(series.values[i]);
        }
        series.offsets_seconds = std::move(offsets);
        series.values = std::move(values);
    }
    return taken;
}

bool halve_timeline(Run& run, std::size_t least_points) {
    if (run.timeline.size() <= least_points) return false;
    std::vector<TimelinePoint> kept;
    bool previous_taken = true;
    for (std::size_t i = 0; i < run.timeline.size(); ++i) {
        if (previous_taken || at_end(run.timeline, i)) {
            kept.push_back(run.timeline[i]);
            previous_taken = false;
        } else {
            absorb(kept.back(), run.timeline[i]);
            previous_taken = true;
        }
    }
    const bool taken = kept.size() < run.timeline.size();
    run.timeline = std::move(kept);
    return taken;
}

bool keep_projects(Run& run, std::size_t most) {
    const std::size_t size = run.projects.size();
    if (size <= most) return false;
    std::vector<std::size_t> order(size);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto slowness = [&run](std::size_t i) {
        const Project& project = run.projects[i];
        return troubled(project) ? std::numeric_limits<double>::infinity() : *project.ready_seconds;
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return slowness(a) > slowness(b); });
    // Half of the room for the worst, half for the shape of the distribution.
    const std::size_t worst = (most + 1) / 2;
    const std::size_t spread = most - worst;
    std::vector<std::size_t> kept(most);
    std::copy_n(order.begin(), worst, kept.begin());
    for (std::size_t i = 0; i < spread; ++i) kept[worst + i] = order[worst + (size - worst) * i / spread];
    std::sort(kept.begin(), kept.end());
    std::vector<Project> projects;
    projects.reserve(kept.size());
    for (const std::size_t i : kept) projects.push_back(std::move(run.projects[i]));
    run.projects = std::move(projects);
    return true;
}

void shorten_texts(Run& run, std::size_t most, std::size_t most_bytes) {
    first(run.events, most);
    first(run.warnings, most);
    first(run.thresholds, most);
    first(run.phases, most);
    first(run.samples, most);
    for (Event& event : run.events) cut(event.message, most_bytes);
    for (std::string& warning : run.warnings) cut(warning, most_bytes);
    for (Threshold& threshold : run.thresholds) {
        cut(threshold.expression, most_bytes);
        cut(threshold.verdict, most_bytes);
    }
    for (auto& [name, text] : run.settings) cut(text, most_bytes);
    for (SampledSeries& series : run.samples) {
        cut(series.title, most_bytes);
        cut(series.query, most_bytes);
        cut(series.labels, most_bytes);
    }
    for (Project& project : run.projects) cut(project.reason, most_bytes);
    cut(run.reason, most_bytes);
    for (const auto& name : snapshot_names) cut(snapshot_of(run.metrics, name.value), most_bytes);
}

void drop_histograms(Run& run) {
    for (RequestSeries& series : run.requests) {
        for (Distribution* one : {&series.operation_latency, &series.attempt_latency, &series.connection_wait,
                                  &series.connect, &series.time_to_first_byte, &series.body}) {
            one->histogram.clear();
        }
    }
    run.readiness.ready_seen.histogram.clear();
    run.readiness.ready_by_server.histogram.clear();
    run.client.event_loop_lag.histogram.clear();
}

Run essentials(const Run& run) {
    constexpr std::size_t most_bytes = 512;
    Run copy;
    copy.thinned = true;
    copy.test_id = run.test_id;
    copy.timestamp = run.timestamp;
    copy.org_name = run.org_name;
    copy.num_projects = run.num_projects;
    copy.num_secrets_per_project = run.num_secrets_per_project;
    copy.num_configmaps_per_project = run.num_configmaps_per_project;
    copy.projects_ready_seconds = run.projects_ready_seconds;
    copy.metrics = run.metrics;
    copy.outcome = run.outcome;
    copy.reason = run.reason;
    copy.finished_at = run.finished_at;
    copy.duration_seconds = run.duration_seconds;
    copy.load_model = run.load_model;
    for (const char* resource : {"organizations", "projects", "secrets", "configmaps"}) {
        const auto found = run.objects.find(resource);
        if (found != run.objects.end()) copy.objects.insert(*found);
    }
    copy.readiness = run.readiness;
    drop_histograms(copy);
    shorten_texts(copy, 0, most_bytes);
    // No run of milo-perf has longer ones, but a file that is read again may.
    for (std::string* text : {&copy.test_id, &copy.timestamp, &copy.org_name, &copy.load_model})
        cut(*text, most_bytes);
    cut(copy.finished_at, most_bytes);
    return copy;
}

}  // namespace milo_perf::results::thin
