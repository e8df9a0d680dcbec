#include "base/error.hpp"

#include <algorithm>

namespace milo_perf {

std::string one_line(std::string text) {
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
    return text;
}

}  // namespace milo_perf
