#include "results/json_read.hpp"

#include <fmt/format.h>

namespace milo_perf::results::json_read {
namespace json = boost::json;

std::string Path::text() const {
    const std::string before = parent ? parent->text() : std::string();
    if (key.empty()) return parent ? fmt::format("{}[{}]", before, index) : before;
    return before.empty() ? std::string(key) : fmt::format("{}.{}", before, key);
}

WrongType::WrongType(const Path& path, std::string_view wanted)
    : std::runtime_error(fmt::format("\"{}\" is not {}", path.text(), wanted)) {}

void read(std::string& into, const json::value& from, const Path& path) {
    const json::string* text = from.if_string();
    if (!text) throw WrongType(path, "a text");
    into.assign(text->data(), text->size());
}

void read(double& into, const json::value& from, const Path& path) {
    if (!from.is_number()) throw WrongType(path, "a number");
    into = from.to_number<double>();
    // 1e400 reads as infinity.
    if (!std::isfinite(into)) throw WrongType(path, "a finite number");
}

void read(bool& into, const json::value& from, const Path& path) {
    if (!from.is_bool()) throw WrongType(path, "true or false");
    into = from.get_bool();
}

std::uint64_t count(const json::value& from, const Path& path) {
    constexpr double most_exact = 9007199254740992.0;  // 2^53
    if (from.is_uint64()) return from.get_uint64();
    if (from.is_int64() && from.get_int64() >= 0) return static_cast<std::uint64_t>(from.get_int64());
    if (from.is_double()) {
        const double number = from.get_double();
        // Some writers make no difference between whole numbers and others.
        if (number >= 0 && number <= most_exact && number == std::floor(number)) {
            return static_cast<std::uint64_t>(number);
        }
    }
    throw WrongType(path, "a whole number of 0 or more");
}

void read(int& into, const json::value& from, const Path& path) {
    const std::uint64_t number = count(from, path);
    if (number > static_cast<std::uint64_t>(std::numeric_limits<int>::max())) {
        throw WrongType(path, "a whole number below 2147483648");
    }
    into = static_cast<int>(number);
}

}  // namespace milo_perf::results::json_read
