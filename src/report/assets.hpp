#pragma once

#include <string_view>

/// What the page brings with it; put in at build time. Chart.js comes from the system, the others from
/// `assets/`.
namespace milo_perf::report::assets {

/// Chart.js 3, minified.
std::string_view chart_library();
/// Draws the charts from the page's own tables.
std::string_view script();
std::string_view stylesheet();

}  // namespace milo_perf::report::assets
