#include "fake_milo/response.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <zlib.h>

#include <array>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <ctime>
#include <iterator>
#include <stdexcept>

namespace milo_perf::fake_milo {
namespace json = boost::json;

namespace {

struct Known {
    int code;
    std::string_view phrase;
    std::string_view reason;
};

constexpr std::array<Known, 23> known{{
    {200, "OK", ""},
    {201, "Created", ""},
    {202, "Accepted", ""},
    {301, "Moved Permanently", ""},
    {302, "Found", ""},
    {307, "Temporary Redirect", ""},
    {308, "Permanent Redirect", ""},
    {400, "Bad Request", "BadRequest"},
    {401, "Unauthorized", "Unauthorized"},
    {403, "Forbidden", "Forbidden"},
    {404, "Not Found", "NotFound"},
    {405, "Method Not Allowed", "MethodNotAllowed"},
    {406, "Not Acceptable", "NotAcceptable"},
    {409, "Conflict", "Conflict"},
    {410, "Gone", "Expired"},
    {413, "Request Entity Too Large", "RequestEntityTooLarge"},
    {415, "Unsupported Media Type", "UnsupportedMediaType"},
    {422, "Unprocessable Entity", "Invalid"},
    {429, "Too Many Requests", "TooManyRequests"},
    {500, "Internal Server Error", "InternalError"},
    {502, "Bad Gateway", ""},
    {503, "Service Unavailable", "ServiceUnavailable"},
    {504, "Gateway Timeout", "Timeout"},
}};

Known known_status(int code) {
    for (const Known& entry : known) {
        if (entry.code == code) return entry;
    }
    return {code, "Unknown", "Unknown"};
}

const std::string& date_now() {
    static thread_local std::time_t made = 0;
    static thread_local std::string text;
    const std::time_t now = std::time(nullptr);
    if (now != made) {
        std::tm parts{};
        ::gmtime_r(&now, &parts);
        text = fmt::format("{:%a, %d %b %Y %H:%M:%S GMT}", parts);
        made = now;
    }
    return text;
}

}  // namespace

std::string head_of(const Response& response, Framing framing, std::uint64_t length, bool close) {
    std::string head = fmt::format("HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                                   known_status(response.status).phrase, date_now());
    const auto out = std::back_inserter(head);
    if (!response.content_type.empty()) fmt::format_to(out, "Content-Type: {}\r\n", response.content_type);
    for (const auto& [name, value] : response.headers) fmt::format_to(out, "{}: {}\r\n", name, value);
    if (framing == Framing::length) fmt::format_to(out, "Content-Length: {}\r\n", length);
    if (framing == Framing::chunked) head += "Transfer-Encoding: chunked\r\n";
    if (close || framing == Framing::until_close) head += "Connection: close\r\n";
    head += "\r\n";
    return head;
}

std::string bytes_of(const Response& response, bool close) {
    std::string bytes = head_of(response, Framing::length, response.body.size(), close);
    bytes += response.body;
    return bytes;
}

Response status_response(int code, std::string_view message, std::string_view reason,
                         std::string_view resource, std::string_view name) {
    json::object status;
    status["kind"] = "Status";
    status["apiVersion"] = "v1";
    status["metadata"] = json::object();
    status["status"] = "Failure";
    status["message"] = message;
    status["reason"] = reason.empty() ? known_status(code).reason : reason;
    json::object details;
    if (!name.empty()) details["name"] = name;
    if (!resource.empty()) details["kind"] = resource;
    if (!details.empty()) status["details"] = std::move(details);
    status["code"] = code;
    Response response;
    response.status = code;
    response.body = json::serialize(status) + "\n";
    return response;
}

Response success_status() {
    Response response;
    response.body = R"({"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"})";
    return response;
}

std::string chunk_of(std::string_view bytes) {
    return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    constexpr int gzip_window = 15 + 16;
    if (deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK) {
        throw std::runtime_error("zlib does not start");
    }
    std::string packed(deflateBound(&stream, text.size()) + 32, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(packed.data());
    stream.avail_out = static_cast<uInt>(packed.size());
    deflate(&stream, Z_FINISH);
    packed.resize(stream.total_out);
    deflateEnd(&stream);
    return packed;
}

}  // namespace milo_perf::fake_milo
