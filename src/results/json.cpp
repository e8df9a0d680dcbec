#include "results/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parser.hpp>

#include "base/error.hpp"
#include "results/json_document.hpp"
#include "results/json_read.hpp"
#include "results/json_write.hpp"

namespace milo_perf::results {
namespace json = boost::json;

namespace {

constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
constexpr std::size_t max_depth = 32;

/// A series whose two arrays differ in length cannot be drawn, and would be read beyond its end.
void check_samples(const Run& run) {
    for (std::size_t i = 0; i < run.samples.size(); ++i) {
        const SampledSeries& series = run.samples[i];
        if (series.values.size() == series.offsets_seconds.size()) continue;
        throw std::runtime_error(fmt::format("\"samples[{}]\" has {} offsets_seconds for {} values", i,
                                             series.offsets_seconds.size(), series.values.size()));
    }
}

/// Keys without which a document is something else than the results of a run.
void check_kind(const json::value& document) {
    const json::object* object = document.if_object();
    if (!object) throw std::runtime_error("it is not a JSON object");
    for (const char* key : {"test_id", "num_projects", "metrics"}) {
        if (!object->contains(key)) throw std::runtime_error(fmt::format("it has no \"{}\"", key));
    }
}

}  // namespace

json::value parse_document(std::string_view text, std::string_view source_name) {
    if (text.size() > max_json_bytes) {
        throw UserError(fmt::format("{} has {} bytes, more than the {} MiB that are read.", source_name,
                                    text.size(), max_json_bytes >> 20));
    }
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
        throw UserError(fmt::format("{} is empty.", source_name));
    }
    json::parse_options options;
    options.max_depth = max_depth;
    json::parser parser({}, options);
    json::error_code error;
    const std::size_t read = parser.write_some(text.data(), text.size(), error);
    if (!error && text.find_first_not_of(" \t\r\n", read) != std::string_view::npos) {
        error = json::error::extra_data;
    }
    if (error) {
        const auto line =
            1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(read), '\n');
        throw UserError(
            fmt::format("{} is not valid JSON: {} near line {}.", source_name, error.message(), line));
    }
    return parser.release();
}

std::string to_json(const Run& run) {
    return json_write::document(run);
}

Run from_json(std::string_view text, std::string_view source_name) {
    const json::value document = parse_document(text, source_name);
    Run run;
    try {
        check_kind(document);
        json_read::read(run, document, json_read::Path{});
        check_samples(run);
    } catch (const std::runtime_error& problem) {
        throw UserError(fmt::format("{} is not the results of a run: {}.", source_name, problem.what()));
    }
    return run;
}

}  // namespace milo_perf::results
