#include "fuzz_input.hpp"
#include "kube/retry.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace milo_perf;
    const std::string_view whole = fuzz::text(data, size);
    const std::size_t cut = whole.find('\n');
    const std::string_view date = cut == std::string_view::npos ? "" : whole.substr(cut + 1);
    const auto pause =
        kube::parse_retry_after(whole.substr(0, cut), date, WallClock::from_time_t(1777889472));
    fuzz::require(!pause || *pause >= Duration::zero());
    return 0;
}
