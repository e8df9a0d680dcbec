#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace milo_perf::fake_milo {

/// One answer before it is bytes.
struct Response {
    int status = 200;
    std::string content_type = "application/json";
    std::string body;
    std::vector<std::pair<std::string, std::string>> headers;
};

/// How the head says where the body ends.
enum class Framing { length, chunked, until_close };

/// Status line and header fields with the empty line behind them. `length` is used with Framing::length.
std::string head_of(const Response& response, Framing framing, std::uint64_t length, bool close);

/// A whole answer with Content-Length.
std::string bytes_of(const Response& response, bool close);

/// A `kind: Status` refusal (Kubernetes API conventions, "Response Status Kind"). Empty `reason`: the usual
/// one of that code.
Response status_response(int code, std::string_view message, std::string_view reason = {},
                         std::string_view resource = {}, std::string_view name = {});
Response success_status();

/// One chunk of a chunked body.
std::string chunk_of(std::string_view bytes);
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

std::string gzip(std::string_view text);

}  // namespace milo_perf::fake_milo
