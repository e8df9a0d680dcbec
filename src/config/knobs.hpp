#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "config/settings.hpp"

namespace milo_perf::config {

/// One knob: the one place where its name, default, kind, group and help stand.
struct Knob {
    /// As environment variable; the flag is made from it (NUM_PROJECTS: --num-projects).
    std::string_view name;
    std::string_view default_text;
    /// Heading in the help and the README.
    std::string_view group;
    /// What values it takes, for programs: a word, and what bounds it ("integer 1 100000", "enum run
    /// cleanup").
    std::string kind;
    /// The same for people, e.g. "a whole number from 1 to 100000".
    std::string takes;
    std::string_view help;
    /// Never shown.
    bool secret = false;
    /// Puts a text into the settings. Throws std::invalid_argument when the text is not of the kind.
    std::function<void(Settings&, std::string_view)> set;
    /// The effective value as text.
    std::function<std::string(const Settings&)> show;
};

/// All knobs, in the order in which they are documented.
std::span<const Knob> knobs();

/// A line for each knob: name, kind and what it takes, with tabs between them. Scripts check values by it.
std::string list_knobs();

/// "NUM_PROJECTS" to "num-projects".
std::string flag_name(std::string_view knob);

}  // namespace milo_perf::config
