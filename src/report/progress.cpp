#include "report/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "base/log.hpp"

namespace milo_perf::report {
namespace {

namespace asio = boost::asio;

constexpr auto redraw_every = std::chrono::milliseconds(250);
constexpr auto log_every = std::chrono::seconds(5);
constexpr std::string_view erase_line = "\r\x1B[K";

/// Columns of the terminal less one: some terminals wrap when the last one is written.
std::size_t usable_width(int fd) {
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return 79;
    return static_cast<std::size_t>(size.ws_col) - 1;
}

/// A terminal that takes no more just misses a frame.
void put(int fd, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(fd, text.data(), text.size());
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

bool is_terminal(int fd) {
    const char* term = std::getenv("TERM");
    return ::isatty(fd) == 1 && term != nullptr && std::string_view(term) != "dumb";
}

}  // namespace

Progress::Progress(Source source) : Progress(std::move(source), STDERR_FILENO, is_terminal(STDERR_FILENO)) {}

Progress::Progress(Source source, int fd, bool terminal)
    : source_(std::move(source)), fd_(fd), terminal_(terminal) {
    if (terminal_) {
        log::set_before_line([this] { erase(); });
    }
}

Progress::~Progress() {
    if (terminal_) log::set_before_line({});
    erase();
}

asio::awaitable<void> Progress::run() {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    co_await asio::this_coro::throw_if_cancelled(false);
    const auto interval = terminal_ ? Duration(redraw_every) : Duration(std::chrono::seconds(1));
    for (;;) {
        timer.expires_after(interval);
        co_await timer.async_wait(asio::as_tuple(asio::deferred));
        // Not the wait's error: one that is over when it is cancelled ends well.
        const asio::cancellation_state state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) break;
        show(Clock::now());
    }
    erase();
}

void Progress::show(TimePoint now) {
    const ProgressNumbers numbers = source_();
    if (numbers.phase.empty()) {
        erase();
        return;
    }
    const ProgressState state = tracker_.observe(numbers, now);
    if (terminal_) {
        put(fd_, fmt::format("{}{}", erase_line, line(state, now, usable_width(fd_))));
        drawn_ = true;
        return;
    }
    const bool due = numbers.phase != last_phase_ || !last_logged_ || now - *last_logged_ >= log_every;
    if (!due) return;
    last_phase_ = numbers.phase;
    last_logged_ = now;
    log::info("{}", line(state, now));
}

void Progress::erase() {
    if (!drawn_) return;
    put(fd_, erase_line);
    drawn_ = false;
}

}  // namespace milo_perf::report
