#include "base/error.hpp"
#include "fuzz_input.hpp"
#include "results/json.hpp"

// What can be read can be written and read again.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace milo_perf;
    try {
        const results::Run run = results::from_json(fuzz::text(data, size), "fuzz");
        const results::Run again = results::from_json(results::to_json(run), "again");
        fuzz::require(again.requests.size() == run.requests.size() && again.settings == run.settings);
    } catch (const UserError&) {
    }
    return 0;
}
