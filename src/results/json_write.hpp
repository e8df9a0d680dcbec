#pragma once

#include <fmt/format.h>

#include <boost/describe/members.hpp>
#include <boost/mp11/algorithm.hpp>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "results/json_text.hpp"
#include "results/names.hpp"

/// Described structs as JSON text. Straight from the struct: a tree of values in between would take several
/// times the memory of a large run.
namespace milo_perf::results::json_write {

template <class T>
concept Described = boost::describe::has_describe_members<T>::value;

template <class T>
using Members = boost::describe::describe_members<T, boost::describe::mod_public>;

inline void append(std::string& out, const std::string& text) {
    append_json_string(out, text);
}
inline void append(std::string& out, Outcome outcome) {
    append_json_string(out, name_of(outcome).json);
}
inline void append(std::string& out, double number) {
    append_json_number(out, number);
}
inline void append(std::string& out, bool flag) {
    out += flag ? "true" : "false";
}
template <std::integral Int>
requires(!std::same_as<Int, bool>) void append(std::string& out, Int number) {
    fmt::format_to(std::back_inserter(out), "{}", number);
}

template <class T>
void append(std::string& out, const std::optional<T>& value);
template <class T>
void append(std::string& out, const std::vector<T>& values);
template <class T>
void append(std::string& out, const std::map<std::string, T>& values);
template <Described T>
void append(std::string& out, const T& value);

template <class T>
void append(std::string& out, const std::optional<T>& value) {
    if (value) {
        append(out, *value);
    } else {
        out += "null";
    }
}

template <class T>
void append(std::string& out, const std::vector<T>& values) {
    // Elements with members of their own get a line each.
    const std::string_view between = Described<T> ? ",\n  " : ",";
    out += '[';
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (i > 0) {
            out += between;
        } else if (Described<T>) {
            out += "\n  ";
        }
        append(out, values[i]);
    }
    out += ']';
}

template <class T>
void append(std::string& out, const std::map<std::string, T>& values) {
    out += '{';
    for (bool first = true; const auto& [key, value] : values) {
        if (!first) out += ',';
        first = false;
        append_json_string(out, key);
        out += ':';
        append(out, value);
    }
    out += '}';
}

/// The members of a struct with `between` in front of each one's key but the first.
template <Described T>
void append_members(std::string& out, const T& value, std::string_view between, std::string_view colon) {
    bool first = true;
    boost::mp11::mp_for_each<Members<T>>([&](auto member) {
        if (!first) out += between;
        first = false;
        append_json_string(out, member.name);
        out += colon;
        append(out, value.*member.pointer);
    });
}

template <Described T>
void append(std::string& out, const T& value) {
    out += '{';
    append_members(out, value, ",", ":");
    out += '}';
}

/// A whole document: one line per member.
template <Described T>
std::string document(const T& value) {
    std::string out = "{\n ";
    append_members(out, value, ",\n ", ": ");
    out += "\n}\n";
    return out;
}

}  // namespace milo_perf::results::json_write
