#include "report/progress.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/wait.hpp"
#include "report/format.hpp"
#include "report/text.hpp"

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
    // The line is erased however this ends.
    struct Eraser {
        explicit Eraser(Progress& of) : progress(of) {}
        Eraser(const Eraser&) = delete;
        Eraser& operator=(const Eraser&) = delete;
        ~Eraser() { progress.erase(); }
        Progress& progress;
    } eraser(*this);
    const auto interval = terminal_ ? Duration(redraw_every) : Duration(std::chrono::seconds(1));
    for (;;) {
        co_await sleep_until(Clock::now() + interval);
        show(Clock::now());
    }
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

namespace {

constexpr auto rate_window = std::chrono::seconds(10);
constexpr std::size_t bar_width = 20;

/// "7 s", "2 min 05 s", "1 h 02 min": without decimals, so that the line does not flicker.
std::string clock_text(double seconds) {
    const auto whole = static_cast<std::uint64_t>(std::llround(std::max(0.0, seconds)));
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

std::string rate_text(double rate) {
    return rate < 10 ? fmt::format("{:.1f}/s", rate)
                     : fmt::format("{}/s", count(static_cast<std::uint64_t>(std::llround(rate))));
}

std::string bar(double share) {
    const auto filled = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * bar_width);
    return "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "]";
}

std::string done_text(const ProgressNumbers& numbers) {
    if (!numbers.total) return fmt::format("{} done", count(numbers.done));
    // Never 100 % before it is.
    const double share =
        *numbers.total == 0 ? 1 : static_cast<double>(numbers.done) / static_cast<double>(*numbers.total);
    return fmt::format("{} {} of {} ({:.0f} %)", bar(share), count(numbers.done), count(*numbers.total),
                       std::floor(std::min(share, 1.0) * 100));
}

std::optional<double> seconds_left(const ProgressState& state) {
    const auto& numbers = state.numbers;
    if (!numbers.total || !state.rate_per_second || *state.rate_per_second <= 0) return std::nullopt;
    if (numbers.done >= *numbers.total) return std::nullopt;
    return static_cast<double>(*numbers.total - numbers.done) / *state.rate_per_second;
}

/// Most important first: those at the end are left out first.
std::vector<std::string> parts(const ProgressState& state, TimePoint now) {
    const auto& numbers = state.numbers;
    const double elapsed = to_seconds(now - numbers.started);
    if (numbers.ends_at) {
        const double whole = to_seconds(*numbers.ends_at - numbers.started);
        const double left = std::max(0.0, to_seconds(*numbers.ends_at - now));
        return {whole > 0 ? bar(1 - left / whole) : bar(1), clock_text(left) + " left"};
    }
    std::vector<std::string> result{done_text(numbers)};
    if (state.rate_per_second) result.push_back(rate_text(*state.rate_per_second));
    if (numbers.failed > 0) result.push_back(count(numbers.failed) + " failed");
    if (const auto left = seconds_left(state)) result.push_back(clock_text(*left) + " left");
    if (numbers.in_flight > 0) result.push_back(count(numbers.in_flight) + " in flight");
    result.push_back(clock_text(elapsed) + " so far");
    return result;
}

std::string cut(const std::string& text, std::size_t width) {
    std::size_t used = 0;
    std::size_t end = 0;
    for (; end < text.size(); ++end) {
        if ((text[end] & 0xC0) != 0x80 && ++used > width) break;
    }
    return text.substr(0, end);
}

}  // namespace

ProgressState ProgressTracker::observe(const ProgressNumbers& numbers, TimePoint now) {
    const bool fresh = numbers.phase != phase_ || (!points_.empty() && numbers.done < points_.back().done);
    if (fresh) {
        phase_ = numbers.phase;
        points_.clear();
        points_.push_back({numbers.started, 0});
    }
    points_.push_back({now, numbers.done});
    // The oldest point is the newest of those that are at least a window old.
    while (points_.size() > 2 && now - points_[1].at >= rate_window) points_.pop_front();
    ProgressState state{.numbers = numbers, .rate_per_second = {}};
    const double span = to_seconds(now - points_.front().at);
    const auto done = numbers.done - points_.front().done;
    if (span > 0 && numbers.done > 0) state.rate_per_second = static_cast<double>(done) / span;
    return state;
}

std::string line(const ProgressState& state, TimePoint now, std::size_t width) {
    std::string result = printable(state.numbers.phase);
    bool first = true;
    for (const std::string& part : parts(state, now)) {
        const std::string addition = (first ? "  " : ", ") + part;
        if (display_columns(result) + display_columns(addition) > width) break;
        result += addition;
        first = false;
    }
    return cut(result, width);
}

}  // namespace milo_perf::report
