#pragma once

#include <stdexcept>
#include <string>

namespace milo_perf {

/// Exit codes of the program, as the README documents them.
enum class ExitCode : int {
    ok = 0,
    /// The run failed after it had begun; what was measured is saved.
    failed = 1,
    /// Bad input: nothing was created.
    usage = 2,
    /// The run is complete, but a threshold or a comparison did not hold.
    threshold = 3,
    /// 128 + SIGINT and 128 + SIGTERM, as shells expect.
    interrupted = 130,
    terminated = 143,
};

/// The text with spaces for line breaks and other control characters, and '?' for bytes that are no UTF-8 and
/// for what reorders text: names of files, servers and users have them, and a message is one line that a
/// terminal only shows.
std::string one_line(std::string text);

/// Ends the program with one sentence for the user: what failed, on which object or knob, what the server
/// said, what to do. Never carries a token, a key or a Secret's value.
class UserError : public std::runtime_error {
  public:
    explicit UserError(const std::string& sentence, ExitCode code = ExitCode::usage)
        : std::runtime_error(one_line(sentence)), code_(code) {}

    ExitCode code() const { return code_; }

  private:
    ExitCode code_;
};

}  // namespace milo_perf
