#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "fuzz_input.hpp"
#include "kube/watch_state.hpp"

namespace {

std::vector<std::string> lines_of(std::string_view bytes, std::size_t step) {
    milo_perf::kube::LineSplitter splitter(4096);
    std::vector<std::string> all;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        std::vector<std::string> lines;
        if (!splitter.feed(bytes.substr(at, step), lines)) return all;
        all.insert(all.end(), lines.begin(), lines.end());
    }
    return all;
}

}  // namespace

// However a stream is cut, its lines are the same, and no line throws.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = fuzz::text(data, size);
    const std::vector<std::string> lines = lines_of(bytes, 1);
    if (size < 4096) fuzz::require(lines == lines_of(bytes, 7) && lines == lines_of(bytes, size + 1));
    milo_perf::kube::WatchState state;
    for (const std::string& line : lines) {
        boost::json::object object;
        state.on_line(line, object);
    }
    return 0;
}
