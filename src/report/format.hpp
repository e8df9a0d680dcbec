#pragma once

#include "results/format.hpp"

/// Report and terminal write figures in the words of the results.
namespace milo_perf::report {

using results::bytes;
using results::cores;
using results::count;
using results::counted;
using results::display_columns;
using results::duration;
using results::FigureText;
using results::in_common_unit;
using results::not_available;
using results::number;
using results::percent;
using results::quantity;
using results::show;
using results::with_short_unit;
using results::with_sign;

}  // namespace milo_perf::report
