#include "report/html.hpp"

#include <fmt/format.h>

#include "report/facts.hpp"
#include "report/page.hpp"
#include "report/sections.hpp"
#include "report/text.hpp"
#include "results/names.hpp"

namespace milo_perf::report {
namespace {

using results::Run;

std::string badge(const Run& run) {
    if (run.outcome == results::Outcome::completed) return "<span class=\"badge good\">✓ completed</span>";
    if (run.outcome == results::Outcome::unknown) return {};
    return fmt::format("<span class=\"badge bad\">✗ {}</span>", name_of(run.outcome).title);
}

/// "2026-05-12 10:00:00 UTC" of ISO 8601 in UTC; other texts stay.
std::string time_of_day(const std::string& iso) {
    constexpr std::size_t seconds_end = 19;
    const bool utc = iso.ends_with("+00:00") || iso.ends_with('Z');
    if (!utc || iso.size() < seconds_end + 1 || iso[10] != 'T') return iso;
    return iso.substr(0, 10) + " " + iso.substr(11, seconds_end - 11) + " UTC";
}

std::string header(const Run& run) {
    std::string facts = workload_text(run);
    if (run.load_model == "open") facts += " · open loop";
    if (run.load_model == "closed") facts += " · closed loop";
    if (run.load_model == "mixed") facts += " · open and closed loop";
    if (run.duration_seconds) facts += " · took " + duration(run.duration_seconds).text();
    std::string html = fmt::format(
        "<header>\n<p class=\"kicker\">Milo performance run</p>\n<h1>{} {}</h1>\n<p class=\"facts\">{}</p>\n"
        "<p class=\"facts\">Organization {} · {}</p>\n",
        escape_html(run.test_id.empty() ? "(without test id)" : run.test_id), badge(run), escape_html(facts),
        escape_html(run.org_name.empty() ? not_available : run.org_name),
        escape_html(run.timestamp.empty() ? "time unknown" : time_of_day(run.timestamp)));
    if (run.reason) html += fmt::format("<p class=\"notice bad\">{}</p>\n", escape_html(*run.reason));
    if (run.thinned) {
        html +=
            "<p class=\"notice warn\">This copy was shortened to fit a size limit: not every Project and "
            "moment "
            "is in it. The files on disk are complete.</p>\n";
    }
    return html + answers(run) + "</header>\n";
}

std::string footer(const Run& run) {
    return fmt::format(
        "<footer><p>Made by milo-perf {}. This page is one file and loads nothing.</p></footer>\n",
        escape_html(run.environment.milo_perf_version));
}

}  // namespace

std::string html(const Run& run) {
    const std::string body = header(run) + "<main id=\"main\" tabindex=\"-1\">\n" + cost_section(run) +
                             speed_section(run) + trouble_section(run) + trust_section(run) +
                             measurements_section(run) + details_section(run) + "</main>\n" + footer(run);
    return page(fmt::format("Milo performance run {}", run.test_id), body);
}

}  // namespace milo_perf::report
