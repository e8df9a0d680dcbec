#include "http/response_parser.hpp"

#include <boost/beast/http/error.hpp>

namespace milo_perf::http {
namespace beast_http = boost::beast::http;

namespace {
/// Enough of a refusal's body to say what the server said.
constexpr std::size_t kept_of_refusal = 64 * 1024;
}  // namespace

ResponseParser::ResponseParser(Outcome& outcome, Body body, const Limits& limits)
    : outcome_(outcome), keep_(limits.max_body_bytes), discard_if_ok_(body == Body::discard_if_ok) {
    eager(true);
    header_limit(static_cast<std::uint32_t>(limits.max_header_bytes));
    body_limit(limits.max_body_bytes);
}

void ResponseParser::on_response_impl(int code, View, int, ErrorCode&) {
    outcome_.status = code;
}

void ResponseParser::on_field_impl(FieldName name, View, View value, ErrorCode&) {
    switch (name) {
        case FieldName::retry_after:
            outcome_.retry_after.assign(value.data(), value.size());
            break;
        case FieldName::date:
            // Only a refusal's may be asked for.
            if (outcome_.status >= 300) outcome_.date.assign(value.data(), value.size());
            break;
        case FieldName::content_encoding:
            encoded_ = !boost::beast::iequals(value, "identity");
            break;
        default:
            break;
    }
}

void ResponseParser::on_header_impl(ErrorCode&) {
    const bool ok = outcome_.status >= 200 && outcome_.status < 300;
    if (!ok) {
        sink_ = nullptr;
        if (discard_if_ok_) keep_ = kept_of_refusal;
    } else if (discard_if_ok_) {
        keep_ = 0;
    } else {
        keep_all_or_fail_ = true;
        if (sink_ != nullptr) body_limit(boost::none);
    }
}

void ResponseParser::on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& error) {
    if (sink_ == nullptr && keep_all_or_fail_ && length && *length > keep_)
        error = beast_http::error::body_limit;
}

std::size_t ResponseParser::take(View bytes, ErrorCode& error) {
    if (sink_ != nullptr) {
        if (!(*sink_)(std::string_view(bytes.data(), bytes.size()))) {
            refused_by_sink_ = true;
            error = beast_http::error::end_of_stream;
        }
        return bytes.size();
    }
    const std::size_t room = keep_ - std::min(keep_, outcome_.body.size());
    outcome_.body.append(bytes.data(), std::min(room, bytes.size()));
    if (bytes.size() > room && keep_all_or_fail_) error = beast_http::error::body_limit;
    return bytes.size();
}

std::size_t ResponseParser::on_body_impl(View bytes, ErrorCode& error) {
    return take(bytes, error);
}

std::size_t ResponseParser::on_chunk_body_impl(std::uint64_t, View bytes, ErrorCode& error) {
    return take(bytes, error);
}

}  // namespace milo_perf::http
