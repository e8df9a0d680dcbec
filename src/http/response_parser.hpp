#pragma once

#include <boost/beast/http/basic_parser.hpp>
#include <boost/optional/optional.hpp>
#include <string>
#include <string_view>

#include "http/client.hpp"

namespace milo_perf::http {

/// Beast's parser, keeping of an answer only what this client looks at: a few header fields, and the body in
/// one of three ways (dropped, collected, handed to a sink).
class ResponseParser : public boost::beast::http::basic_parser<false> {
  public:
    /// Answers into `outcome`, which must outlive the parser.
    ResponseParser(Outcome& outcome, Body body, const Limits& limits);

    /// The body of a 2xx answer goes to `sink` instead.
    void set_sink(const BodySink* sink) { sink_ = sink; }

    bool refused_by_sink() const { return refused_by_sink_; }
    /// True when the body is in an encoding that was not asked for.
    bool encoded() const { return encoded_; }

  private:
    using ErrorCode = boost::beast::error_code;
    using View = boost::beast::string_view;
    using FieldName = boost::beast::http::field;

    void on_request_impl(boost::beast::http::verb, View, View, int, ErrorCode&) override {}
    void on_response_impl(int code, View reason, int version, ErrorCode& error) override;
    void on_field_impl(FieldName name, View name_text, View value, ErrorCode& error) override;
    void on_header_impl(ErrorCode& error) override;
    void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode& error) override;
    std::size_t on_body_impl(View bytes, ErrorCode& error) override;
    void on_chunk_header_impl(std::uint64_t, View, ErrorCode&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t remain, View bytes, ErrorCode& error) override;
    void on_finish_impl(ErrorCode&) override {}

    std::size_t take(View bytes, ErrorCode& error);

    Outcome& outcome_;
    const BodySink* sink_ = nullptr;
    std::size_t keep_;
    bool discard_if_ok_;
    bool keep_all_or_fail_ = false;
    bool refused_by_sink_ = false;
    bool encoded_ = false;
};

}  // namespace milo_perf::http
