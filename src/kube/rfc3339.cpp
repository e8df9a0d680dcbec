#include "kube/rfc3339.hpp"

#include <chrono>

namespace milo_perf::kube {
namespace {

/// Takes fields of fixed width off the front of a text; after the first mismatch nothing is right any more.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    int digits(std::size_t width) {
        int value = 0;
        if (rest_.size() < width) return fail();
        for (const char c : rest_.substr(0, width)) {
            if (c < '0' || c > '9') return fail();
            value = value * 10 + (c - '0');
        }
        rest_.remove_prefix(width);
        return value;
    }

    /// Takes one character of `allowed` and gives it; 0 when there is none.
    char one_of(std::string_view allowed) {
        if (rest_.empty() || allowed.find(rest_.front()) == std::string_view::npos) return 0;
        const char c = rest_.front();
        rest_.remove_prefix(1);
        return c;
    }

    void expect(std::string_view allowed) {
        if (one_of(allowed) == 0) fail();
    }

    std::chrono::nanoseconds fraction() {
        long nanoseconds = 0;
        long unit = 100'000'000;
        std::size_t count = 0;
        for (; count < rest_.size() && rest_[count] >= '0' && rest_[count] <= '9'; ++count, unit /= 10)
            nanoseconds += unit * (rest_[count] - '0');
        if (count == 0) fail();
        rest_.remove_prefix(count);
        return std::chrono::nanoseconds(nanoseconds);
    }

    bool complete() const { return ok_ && rest_.empty(); }

  private:
    int fail() {
        ok_ = false;
        return 0;
    }

    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace

std::optional<WallTime> parse_rfc3339(std::string_view text) {
    using namespace std::chrono;
    Reader reader(text);
    const int years = reader.digits(4);
    reader.expect("-");
    const int months = reader.digits(2);
    reader.expect("-");
    const int days_ = reader.digits(2);
    reader.expect("Tt");
    const int hours_ = reader.digits(2);
    reader.expect(":");
    const int minutes_ = reader.digits(2);
    reader.expect(":");
    const int seconds_ = reader.digits(2);
    nanoseconds fraction{};
    if (reader.one_of(".") != 0) fraction = reader.fraction();
    minutes offset{};
    const char zone = reader.one_of("Zz+-");
    if (zone == 0) return std::nullopt;
    if (zone == '+' || zone == '-') {
        offset = hours(reader.digits(2));
        reader.expect(":");
        offset += minutes(reader.digits(2));
        if (zone == '-') offset = -offset;
    }
    const year_month_day date{year(years), month(static_cast<unsigned>(months)),
                              day(static_cast<unsigned>(days_))};
    // 60 is a leap second.
    if (!reader.complete() || !date.ok() || hours_ > 23 || minutes_ > 59 || seconds_ > 60)
        return std::nullopt;
    // The clock counts nanoseconds and ends in 2262; "never" is often written as a year beyond.
    if (years < 1970) return WallTime{};
    if (years > 2261) return WallTime{sys_days{year(2262) / January / 1}};
    const auto time = sys_days(date) + hours(hours_) + minutes(minutes_) + seconds(seconds_) - offset;
    return time_point_cast<WallClock::duration>(time + fraction);
}

}  // namespace milo_perf::kube
