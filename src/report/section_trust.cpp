#include <fmt/format.h>

#include <string_view>

#include "report/elements.hpp"
#include "report/facts.hpp"
#include "report/sections.hpp"

namespace milo_perf::report {
namespace {

using results::Run;

bool client_known(const Run& run) {
    return run.client.cpu_share || run.client.saturated_share || run.client.event_loop_lag.count > 0;
}

Card client_card(const Run& run) {
    const auto& client = run.client;
    Card card{.label = "Client the bottleneck?",
              .figure = {not_available, {}},
              .explanation = "its own limits were not recorded",
              .state = {}};
    if (!client_known(run)) return card;
    card.figure.number = client.limit == "none" ? "no" : client.limit;
    card.state = client.limit == "none" ? "good" : "bad";
    if (client.saturated_share && client.starved_share) {
        card.explanation = fmt::format(
            "saturated (by its own work) in {} of the load's seconds, starved (no CPU was "
            "free for it) in {}",
            percent(client.saturated_share), percent(client.starved_share));
    }
    return card;
}

std::vector<Card> cards(const Run& run) {
    const auto& client = run.client;
    std::vector<Card> result;
    result.push_back(client_card(run));
    result.push_back(
        {.label = "Client CPU",
         .figure = {percent(client.cpu_share), {}},
         .explanation = client.run_delay_share
                            ? fmt::format("of the one core that it can use, during load; it waited for "
                                          "a CPU in {}",
                                          percent(client.run_delay_share))
                            : "of the one core that it can use, during load",
         .state = {}});
    result.push_back({.label = "Event-loop lag, p99",
                      .figure = duration(client.event_loop_lag.p99_seconds),
                      .explanation = fmt::format("how late its timers fired; worst {}",
                                                 duration(client.event_loop_lag.max_seconds).text()),
                      .state = {}});
    std::size_t reaching = 0;
    const auto all = snapshots(run);
    for (const auto& each : all) reaching += each.snapshot->window_reaches_into_load ? 1 : 0;
    result.push_back(
        {.label = "Snapshots at rest",
         .figure = {all.empty() ? not_available : fmt::format("{} of {}", all.size() - reaching, all.size()),
                    {}},
         .explanation = reaching == 0 ? "a window that reaches into load shows no rest"
                                      : "raise STABILIZE_SECONDS above MEASURE_WINDOW",
         .state = all.empty()    ? ""
                  : reaching > 0 ? "warn"
                                 : "good"});
    return result;
}

std::string snapshot_table(const Run& run) {
    Table table{.caption = "Snapshots and their evidence",
                .columns = {"Snapshot", "Quantity", "#Value", "#Samples", "#Newest sample", "Window",
                            "At rest", "Label set", "Remark"},
                .rows = {},
                .when_empty = "No snapshot was taken."};
    for (const auto& [name, snapshot] : snapshots(run)) {
        for (const auto which : results::all_quantities) {
            const auto found = snapshot->evidence.find(std::string(results::key(which)));
            const results::Evidence none;
            const auto& evidence = found == snapshot->evidence.end() ? none : found->second;
            table.rows.push_back({std::string(name), title(which),
                                  quantity(results::value(*snapshot, which), results::unit(which)).text(),
                                  evidence.samples ? count(*evidence.samples) : not_available,
                                  evidence.newest_sample_age_seconds
                                      ? duration(evidence.newest_sample_age_seconds).text() + " old"
                                      : not_available,
                                  fmt::format("{} until +{}", duration(snapshot->window_seconds).text(),
                                              duration(snapshot->offset_seconds).text()),
                                  snapshot->window_reaches_into_load ? "! reaches into load" : "✓ yes",
                                  evidence.label_variant.value_or(not_available),
                                  evidence.reason.value_or(evidence.note.value_or(""))});
        }
    }
    return subheading("Snapshots") + write(table);
}

std::string whole(const std::optional<std::uint64_t>& value) {
    return value ? count(*value) : not_available;
}

std::string client_table(const Run& run) {
    const auto& client = run.client;
    const auto memory = client.peak_memory_bytes
                            ? std::optional<double>(static_cast<double>(*client.peak_memory_bytes))
                            : std::nullopt;
    Table table{
        .caption = "The client itself", .columns = {"Figure", "#Value"}, .rows = {}, .when_empty = {}};
    table.rows = {{"CPU time", duration(client.cpu_seconds).text()},
                  {"CPU share during load", percent(client.cpu_share)},
                  {"Waiting for a CPU during load", percent(client.run_delay_share)},
                  {"Peak memory", bytes(memory).text()},
                  {"Peak connections", whole(client.peak_connections)},
                  {"Connections opened", count(client.connections_opened)},
                  {"TLS sessions resumed", count(client.tls_sessions_resumed)},
                  {"Most operations in flight", whole(client.peak_in_flight)},
                  {"Event-loop lag, median", duration(client.event_loop_lag.p50_seconds).text()},
                  {"Event-loop lag, p99", duration(client.event_loop_lag.p99_seconds).text()},
                  {"Event-loop lag, worst", duration(client.event_loop_lag.max_seconds).text()},
                  {"Seconds saturated, of the load's", percent(client.saturated_share)},
                  {"Seconds starved of CPU, of the load's", percent(client.starved_share)}};
    return subheading("The client") + write(table);
}

}  // namespace

std::string trust_section(const Run& run) {
    std::string lead = "How the client judged itself, and what the snapshots rest on.";
    if (run.client.limit == "saturated") {
        lead =
            "The client was the bottleneck for part of the run: latency and throughput tell of the client as "
            "well "
            "as of the server.";
    } else if (run.client.limit == "starved") {
        lead =
            "The client had to wait for a CPU for part of the run: latency contains that wait, and "
            "throughput could "
            "have been higher.";
    }
    if (run.thinned) lead += " This copy was shortened to fit a size limit; the files on disk are complete.";
    return section("trust", "Can I trust it?", lead,
                   write(cards(run)) + snapshot_table(run) + client_table(run));
}

}  // namespace milo_perf::report
