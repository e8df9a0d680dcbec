#include "kube/yaml_json.hpp"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <regex>

#include "base/base64.hpp"

namespace milo_perf::kube {
namespace {

namespace json = boost::json;

constexpr std::string_view standard_tag = "tag:yaml.org,2002:";

/// Aliases let a small text stand for a huge tree; more nodes than any real file has are refused.
constexpr int max_nodes = 1'000'000;
constexpr int max_depth = 100;

enum class Kind { text, boolean, null, integer, real };

struct Scalar {
    Kind kind = Kind::text;
    json::value value;
};

bool one_of(std::string_view text, std::initializer_list<std::string_view> words) {
    return std::find(words.begin(), words.end(), text) != words.end();
}

/// The digits behind a sign and a prefix, in the base that they tell.
struct Digits {
    std::string_view text;
    int base = 10;
};

Digits digits_of(std::string_view unsigned_text) {
    const auto prefixed = [&](char lower, char upper) {
        return unsigned_text.size() > 2 && (unsigned_text[1] == lower || unsigned_text[1] == upper);
    };
    if (!unsigned_text.starts_with('0') || unsigned_text.size() == 1) return {unsigned_text, 10};
    if (prefixed('x', 'X')) return {unsigned_text.substr(2), 16};
    if (prefixed('b', 'B')) return {unsigned_text.substr(2), 2};
    if (prefixed('o', 'O')) return {unsigned_text.substr(2), 8};
    return {unsigned_text.substr(1), 8};
}

std::optional<Scalar> integer_of(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    const Digits digits = digits_of(text);
    std::uint64_t magnitude = 0;
    const char* end = digits.text.data() + digits.text.size();
    const auto [stopped, error] = std::from_chars(digits.text.data(), end, magnitude, digits.base);
    if (digits.text.empty() || error != std::errc{} || stopped != end) return std::nullopt;
    constexpr std::uint64_t largest = std::uint64_t{1} << 63;
    if (!negative) {
        if (magnitude < largest) return Scalar{Kind::integer, static_cast<std::int64_t>(magnitude)};
        return Scalar{Kind::integer, magnitude};
    }
    if (magnitude > largest) return std::nullopt;
    return Scalar{Kind::integer, static_cast<std::int64_t>(~magnitude + 1)};
}

std::optional<Scalar> real_of(const std::string& text) {
    static const std::regex style(R"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?)");
    if (text.size() > 400 || !std::regex_match(text, style)) return std::nullopt;
    const double value = std::strtod(text.c_str(), nullptr);
    if (!std::isfinite(value)) return std::nullopt;
    return Scalar{Kind::real, value};
}

/// What a plain scalar stands for.
Scalar resolved(const std::string& text) {
    if (one_of(text, {"y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"}))
        return {Kind::boolean, true};
    if (one_of(text, {"n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"}))
        return {Kind::boolean, false};
    if (one_of(text, {"", "~", "null", "Null", "NULL"})) return {Kind::null, nullptr};
    if (one_of(text, {".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf",
                      "-.Inf", "-.INF"}))
        throw YamlProblem("it holds a number that is not finite");
    constexpr std::string_view starts = "+-.0123456789";
    if (starts.find(text.front()) != std::string_view::npos) {
        std::string plain = text;
        std::erase(plain, '_');
        if (text.front() != '.') {
            if (auto integer = integer_of(plain)) return *integer;
        }
        if (auto real = real_of(plain)) return *real;
    }
    return {Kind::text, json::string(text)};
}

Scalar scalar_of(const YAML::Node& node) {
    const std::string& text = node.Scalar();
    std::string_view tag = node.Tag();
    // "?" is a plain scalar, "!" one in quotes.
    if (tag.empty() || tag == "?") return resolved(text);
    if (!tag.starts_with(standard_tag)) return {Kind::text, json::string(text)};
    tag.remove_prefix(standard_tag.size());
    if (tag == "binary") {
        const auto bytes = decode_base64(text);
        if (!bytes) throw YamlProblem("a !!binary value is no base64 text");
        return {Kind::text, json::string(*bytes)};
    }
    if (!one_of(tag, {"bool", "int", "float", "null"})) return {Kind::text, json::string(text)};
    Scalar scalar = resolved(text);
    if (tag == "float" && scalar.kind == Kind::integer) return scalar;
    const bool fits =
        (tag == "bool" && scalar.kind == Kind::boolean) || (tag == "int" && scalar.kind == Kind::integer) ||
        (tag == "float" && scalar.kind == Kind::real) || (tag == "null" && scalar.kind == Kind::null);
    if (!fits) throw YamlProblem(fmt::format("a value is no {}, as its tag says", tag));
    return scalar;
}

class Converter {
  public:
    json::value convert(const YAML::Node& node, int depth = 0) {
        count(depth);
        switch (node.Type()) {
            case YAML::NodeType::Map: {
                json::object object;
                fill(object, node, depth);
                return object;
            }
            case YAML::NodeType::Sequence: {
                json::array array;
                for (const auto& item : node) array.push_back(convert(item, depth + 1));
                return array;
            }
            case YAML::NodeType::Scalar:
                return scalar_of(node).value;
            default:
                return nullptr;
        }
    }

  private:
    void count(int depth) {
        if (++nodes_ > max_nodes || depth > max_depth)
            throw YamlProblem("it is too large or too deep once its aliases are expanded");
    }

    void fill(json::object& object, const YAML::Node& map, int depth) {
        for (const auto& entry : map) {
            if (is_merge_key(entry.first))
                merge(object, entry.second, depth + 1);
            else
                object.insert_or_assign(key_of(entry.first), convert(entry.second, depth + 1));
        }
    }

    static bool is_merge_key(const YAML::Node& key) {
        return key.IsScalar() && key.Scalar() == "<<" && key.Tag() != "!";
    }

    /// In the order of the file, as kubectl: a merge key below a key of its mapping replaces that one.
    void merge(json::object& object, const YAML::Node& from, int depth) {
        count(depth);
        if (from.IsMap()) return fill(object, from, depth);
        if (!from.IsSequence()) throw YamlProblem("a merge key (<<) names no mapping");
        // The first of the list has precedence, so it is the last to be merged.
        for (std::size_t i = from.size(); i-- > 0;) {
            const YAML::Node item = from[i];
            if (!item.IsMap()) throw YamlProblem("a merge key (<<) names no mapping");
            fill(object, item, depth);
        }
    }

    static std::string key_of(const YAML::Node& key) {
        if (key.IsNull()) throw YamlProblem("it has a key that is null");
        if (!key.IsScalar()) throw YamlProblem("it has a key that is no text");
        const Scalar scalar = scalar_of(key);
        switch (scalar.kind) {
            case Kind::text:
                return std::string(scalar.value.get_string());
            case Kind::boolean:
                return scalar.value.get_bool() ? "true" : "false";
            case Kind::integer:
                return scalar.value.is_int64() ? fmt::format("{}", scalar.value.get_int64())
                                               : fmt::format("{}", scalar.value.get_uint64());
            case Kind::real:
                return fmt::format("{}", scalar.value.get_double());
            case Kind::null:
                break;
        }
        throw YamlProblem("it has a key that is null");
    }

    int nodes_ = 0;
};

/// yaml-cpp's message up to the part that repeats what stands in the text.
std::string without_content(const std::string& message) {
    return message.substr(0, message.find(':'));
}

}  // namespace

json::value yaml_to_json(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t begin = text.find_first_not_of(blanks);
    if (begin != std::string_view::npos && text[begin] == '{') {
        // YAML's parser does not take all of JSON: surrogate pairs, tabs.
        json::error_code error;
        json::value parsed = json::parse(json::string_view(text.data(), text.size()), error);
        if (!error) return parsed;
    }
    try {
        return Converter().convert(YAML::Load(std::string(text)));
    } catch (const YAML::Exception& error) {
        throw YamlProblem(fmt::format("it is not well-formed YAML at line {} ({})", error.mark.line + 1,
                                      without_content(error.msg)));
    }
}

}  // namespace milo_perf::kube
