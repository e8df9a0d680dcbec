#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <utility>

#include "base/error.hpp"

/// What can fail and the user reads: a value, or why there is none.
namespace milo_perf {

/// Whose fault it is; decides the exit code.
enum class ErrorCategory {
    /// A knob, a flag, a kubeconfig or another file that was given cannot be used.
    input,
    /// A server refused, or did not answer.
    server,
    /// A file could not be written or removed.
    storage,
};

struct Error {
    /// What Result::error() gives of a result that has a value.
    Error() = default;
    Error(ErrorCategory whose, std::string text, bool again = false)
        : category(whose), sentence(one_line(std::move(text))), retry(again) {}

    ErrorCategory category = ErrorCategory::input;
    /// One sentence: what failed, on which object or knob, what the server said, what to do. Never carries a
    /// token, a key or a Secret's value.
    std::string sentence;
    /// The same thing may succeed when it is done again at once.
    bool retry = false;
};

/// A value, or an Error. value() throws the Error as a UserError, which ends the command.
template <class T = void>
using Result = boost::system::result<T, Error>;

constexpr ExitCode exit_code_of(ErrorCategory category) {
    return category == ErrorCategory::input ? ExitCode::usage : ExitCode::failed;
}

/// How a UserError says the same; for the edges between code that throws and code that does not.
Error to_error(const UserError& problem);

/// Called by value() of a Result that has none.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location& where);

}  // namespace milo_perf
