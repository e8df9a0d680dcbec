#include <cmath>

#include "fuzz_input.hpp"
#include "metrics/response.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace milo_perf::metrics;
    for (const int status : {200, 422, 503}) {
        const QueryResult result = parse_query_response(status, fuzz::text(data, size), 10);
        fuzz::require(result.series.size() <= 10);
        fuzz::require(result.ok() || !result.reason.empty());
        for (const Series& series : result.series) {
            for (const Point& point : series.points)
                fuzz::require(!point.value || std::isfinite(*point.value));
        }
        (void)sum_of(result);
    }
    return 0;
}
