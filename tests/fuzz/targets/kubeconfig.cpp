#include "kube/kubeconfig.hpp"
#include "base/error.hpp"
#include "fuzz_input.hpp"

// A kubeconfig is read, or refused with a sentence of one line.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace milo_perf;
    try {
        kube::parse_kubeconfig(fuzz::text(data, size), "fuzz");
    } catch (const UserError& refused) {
        fuzz::require(std::string_view(refused.what()).find('\n') == std::string_view::npos);
    }
    return 0;
}
