#pragma once

#include <boost/describe/members.hpp>
#include <boost/json/value.hpp>
#include <boost/mp11/algorithm.hpp>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "results/names.hpp"

/// JSON values into described structs. Known keys are taken over what the struct holds; others are ignored.
namespace milo_perf::results::json_read {

/// Where in the document a value stands; made into text only for a message.
struct Path {
    const Path* parent = nullptr;
    std::string_view key;
    std::size_t index = 0;

    /// "metrics.baseline.etcd_mem_bytes", "projects[3].name".
    std::string text() const;
};

/// A value has another type than its key wants; the text is the rest of the sentence.
struct WrongType : std::runtime_error {
    WrongType(const Path& path, std::string_view wanted);
};

template <class T>
concept Described = boost::describe::has_describe_members<T>::value;

void read(std::string& into, const boost::json::value& from, const Path& path);
void read(double& into, const boost::json::value& from, const Path& path);
void read(bool& into, const boost::json::value& from, const Path& path);
/// A whole number of 0 or more; a float without a fraction counts.
std::uint64_t count(const boost::json::value& from, const Path& path);

inline void read(Outcome& into, const boost::json::value& from, const Path& path) {
    std::string word;
    read(word, from, path);
    into = outcome_of(word);
}
inline void read(std::uint64_t& into, const boost::json::value& from, const Path& path) {
    into = count(from, path);
}
void read(int& into, const boost::json::value& from, const Path& path);

template <class T>
void read(std::optional<T>& into, const boost::json::value& from, const Path& path);
template <class T>
void read(std::vector<T>& into, const boost::json::value& from, const Path& path);
template <class T>
void read(std::map<std::string, T>& into, const boost::json::value& from, const Path& path);
template <Described T>
void read(T& into, const boost::json::value& from, const Path& path);

template <class T>
void read(std::optional<T>& into, const boost::json::value& from, const Path& path) {
    if (from.is_null()) {
        into.reset();
        return;
    }
    read(into.emplace(), from, path);
}

template <class T>
void read(std::vector<T>& into, const boost::json::value& from, const Path& path) {
    const boost::json::array* values = from.if_array();
    if (!values) throw WrongType(path, "an array");
    into.clear();
    into.reserve(values->size());
    for (std::size_t i = 0; i < values->size(); ++i) {
        read(into.emplace_back(), (*values)[i], Path{.parent = &path, .key = {}, .index = i});
    }
}

template <class T>
void read(std::map<std::string, T>& into, const boost::json::value& from, const Path& path) {
    const boost::json::object* values = from.if_object();
    if (!values) throw WrongType(path, "an object");
    into.clear();
    for (const auto& entry : *values) {
        const std::string_view key(entry.key().data(), entry.key().size());
        read(into[std::string(key)], entry.value(), Path{.parent = &path, .key = key});
    }
}

template <Described T>
void read(T& into, const boost::json::value& from, const Path& path) {
    const boost::json::object* values = from.if_object();
    if (!values) throw WrongType(path, "an object");
    using Members = boost::describe::describe_members<T, boost::describe::mod_public>;
    boost::mp11::mp_for_each<Members>([&](auto member) {
        const boost::json::value* value = values->if_contains(member.name);
        if (!value) return;
        auto& target = into.*member.pointer;
        // Missing may be written as null too: then the default stays.
        constexpr bool optional = requires {
            target.has_value();
        };
        if (value->is_null() && !optional) return;
        read(target, *value, Path{.parent = &path, .key = member.name});
    });
}

}  // namespace milo_perf::results::json_read
