#include "fake_milo/vm.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <chrono>

#include "fake_milo/session.hpp"

namespace milo_perf::fake_milo {
namespace json = boost::json;

VmAnswer VmAnswer::of(double value) {
    return text(fmt::format("{}", value));
}

VmData::VmData() {
    set({"container_cpu_usage_seconds_total", "apiserver"}, VmAnswer::of(0.5));
    set({"container_cpu_usage_seconds_total", "etcd"}, VmAnswer::of(0.25));
    set({"container_memory_working_set_bytes", "apiserver"}, VmAnswer::of(300'000'000));
    set({"container_memory_working_set_bytes", "etcd"}, VmAnswer::of(100'000'000));
    VmAnswer time = VmAnswer::text("");
    time.of_time = true;
    set({"count_over_time("}, VmAnswer::of(24));
    set({"timestamp("}, time);
    set({"time()"}, time);
}

void VmData::set(std::vector<std::string> contains, VmAnswer answer) {
    const std::lock_guard lock(mutex_);
    rules_.insert(rules_.begin(), {std::move(contains), std::move(answer)});
}

void VmData::clear() {
    const std::lock_guard lock(mutex_);
    rules_.clear();
}

VmAnswer VmData::find(std::string_view query) const {
    const std::lock_guard lock(mutex_);
    for (const Rule& rule : rules_) {
        const bool all = std::all_of(
            rule.contains.begin(), rule.contains.end(),
            [query](const std::string& part) { return query.find(part) != std::string_view::npos; });
        if (all) return rule.answer;
    }
    return {};
}

void VmData::import(std::string_view text) {
    const std::lock_guard lock(mutex_);
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end > 0) imported_.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::vector<std::string> VmData::imported() const {
    const std::lock_guard lock(mutex_);
    return imported_;
}

std::vector<std::string> VmData::queries() const {
    const std::lock_guard lock(mutex_);
    return queries_;
}

void VmData::note_query(std::string query) {
    const std::lock_guard lock(mutex_);
    queries_.push_back(std::move(query));
}

namespace {

using Parameters = std::map<std::string, std::string>;

double number(const Parameters& parameters, const std::string& key, double otherwise) {
    const auto found = parameters.find(key);
    // A trailing unit ("5s") counts as seconds.
    return found == parameters.end() ? otherwise : std::strtod(found->second.c_str(), nullptr);
}

double now_seconds() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

json::object labels(const VmAnswer::Series& series) {
    json::object metric;
    for (const auto& [key, value] : series.labels) metric[key] = value;
    return metric;
}

json::array sample(const VmAnswer& answer, const VmAnswer::Series& series, double time) {
    return json::array({time, answer.of_time ? fmt::format("{:.3f}", time) : series.value});
}

json::array instant(const VmAnswer& answer, double time) {
    json::array result;
    for (const VmAnswer::Series& series : answer.series) {
        json::object entry;
        entry["metric"] = labels(series);
        entry["value"] = sample(answer, series, time);
        result.push_back(std::move(entry));
    }
    return result;
}

json::array range(const VmAnswer& answer, const Parameters& parameters, double now) {
    const double start = number(parameters, "start", now - 300);
    const double end = number(parameters, "end", now);
    const double step = std::max(0.001, number(parameters, "step", 15));
    constexpr unsigned most_samples = 11000;
    json::array result;
    for (const VmAnswer::Series& series : answer.series) {
        json::array values;
        for (unsigned i = 0; start + i * step <= end && i < most_samples; ++i) {
            if (answer.gap_every > 0 && (i + 1) % answer.gap_every == 0) continue;
            values.push_back(sample(answer, series, start + i * step));
        }
        json::object entry;
        entry["metric"] = labels(series);
        entry["values"] = std::move(values);
        if (!entry["values"].get_array().empty()) result.push_back(std::move(entry));
    }
    return result;
}

Response query_response(std::string_view type, json::array result) {
    json::object data;
    data["resultType"] = type;
    data["result"] = std::move(result);
    json::object whole;
    whole["status"] = "success";
    whole["data"] = std::move(data);
    Response response;
    response.body = json::serialize(whole);
    return response;
}

}  // namespace

Response handle_vm(VmData& vm, std::string_view method, std::string_view target, std::string_view body) {
    const std::size_t question = std::min(target.find('?'), target.size());
    const std::string_view path = target.substr(0, question);
    Parameters parameters =
        parse_query(question < target.size() ? target.substr(question + 1) : std::string_view{});
    Response response;
    if (path == "/api/v1/import/prometheus" && method == "POST") {
        vm.import(body);
        response.status = 204;
        response.content_type.clear();
        return response;
    }
    if (path == "/health" || path == "/-/healthy") {
        response.content_type = "text/plain";
        response.body = "OK";
        return response;
    }
    if (path != "/api/v1/query" && path != "/api/v1/query_range") {
        response.status = 404;
        response.content_type = "text/plain";
        response.body = "unsupported path requested";
        return response;
    }
    if (method == "POST") parameters.merge(parse_query(body));
    const std::string query = parameters["query"];
    vm.note_query(query);
    if (query.empty()) {
        response.status = 422;
        response.body = R"({"status":"error","errorType":"422","error":"missing query arg"})";
        return response;
    }
    const VmAnswer answer = vm.find(query);
    const double now = now_seconds();
    if (path == "/api/v1/query") {
        return query_response("vector", instant(answer, number(parameters, "time", now)));
    }
    return query_response("matrix", range(answer, parameters, now));
}

}  // namespace milo_perf::fake_milo
