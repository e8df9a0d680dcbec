#include "base/error.hpp"

#include <algorithm>
#include <string_view>

#include "base/utf8.hpp"

#include "base/result.hpp"

namespace milo_perf {

std::string one_line(std::string text) {
    const bool plain =
        std::all_of(text.begin(), text.end(), [](unsigned char c) { return c >= ' ' && c < 0x7f; });
    if (plain) return text;
    std::string line;
    line.reserve(text.size());
    for (std::string_view rest = text; !rest.empty();) {
        const Utf8Character next = decode_utf8(rest);
        if (next.length == 0 || is_deceiving(next.code_point))
            line += '?';
        else if (is_control(next.code_point))
            line += ' ';
        else
            line += rest.substr(0, next.length);
        rest.remove_prefix(std::max<std::size_t>(next.length, 1));
    }
    return line;
}

Error to_error(const UserError& problem) {
    return {problem.code() == ExitCode::usage ? ErrorCategory::input : ErrorCategory::server, problem.what()};
}

void throw_exception_from_error(const Error& error, const boost::source_location& /*where*/) {
    throw UserError(error.sentence, exit_code_of(error.category));
}

}  // namespace milo_perf
