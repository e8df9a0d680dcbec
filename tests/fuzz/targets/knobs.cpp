#include "config/knobs.hpp"
#include "base/error.hpp"
#include "config/values.hpp"
#include "fuzz_input.hpp"
#include "load/rate_profile.hpp"

// A knob either takes a text and shows one that it takes again, or refuses it with a sentence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace milo_perf;
    if (size == 0) return 0;
    const config::Knob& knob = config::knobs()[data[0] % config::knobs().size()];
    const std::string text(fuzz::text(data + 1, size - 1));
    const std::string name(knob.name);
    try {
        const config::Settings settings = config::make_settings({}, {{name, text}});
        const std::string shown = knob.show(settings);
        const config::Settings again = config::make_settings({}, {{name, shown}});
        fuzz::require(knob.show(again) == shown);
    } catch (const UserError& refused) {
        fuzz::require(refused.code() == ExitCode::usage);
    }
    const auto seconds = config::parse_duration_seconds(text);
    fuzz::require(!seconds || *seconds >= 0);
    try {
        load::RateProfile::parse(text);
    } catch (const UserError&) {
    }
    return 0;
}
