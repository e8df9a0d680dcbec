#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace milo_perf::stats {

/// What an operation asks of the API server, by the names of Kubernetes' RBAC.
enum class Verb : std::uint8_t {
    create,
    get,
    list,
    watch,
    update,
    patch,
    delete_,
    deletecollection,
    /// A SelfSubjectAccessReview: posted, answered, and not kept.
    review
};

/// What a verb is called.
struct VerbNames {
    Verb verb;
    /// In JSON, in names of figures, in labels: "create".
    std::string_view name;
    /// Several operations in a sentence: "creates".
    std::string_view plural;
    /// The same as a heading: "Creates".
    std::string_view title;
    /// Of one that is under way: "creating".
    std::string_view doing;
};

/// One line per verb, in the order of the enum.
inline constexpr std::array<VerbNames, 9> verb_names{
    {{Verb::create, "create", "creates", "Creates", "creating"},
     {Verb::get, "get", "gets", "Gets", "getting"},
     {Verb::list, "list", "lists", "Lists", "listing"},
     {Verb::watch, "watch", "watches", "Watches", "watching"},
     {Verb::update, "update", "updates", "Updates", "updating"},
     {Verb::patch, "patch", "patches", "Patches", "patching"},
     {Verb::delete_, "delete", "deletes", "Deletes", "deleting"},
     {Verb::deletecollection, "deletecollection", "deletecollections", "Deletes of collections", "deleting"},
     {Verb::review, "review", "reviews", "Reviews", "reviewing"}}};

constexpr const VerbNames& names_of(Verb verb) {
    return verb_names[static_cast<std::size_t>(verb)];
}

constexpr std::string_view to_string(Verb verb) {
    return names_of(verb).name;
}

/// The inverse of to_string; empty for any other text.
constexpr std::optional<Verb> parse_verb(std::string_view name) {
    for (const VerbNames& known : verb_names) {
        if (known.name == name) return known.verb;
    }
    return std::nullopt;
}

}  // namespace milo_perf::stats
