#include "http/client.hpp"

namespace milo_perf::http {

std::string_view to_string(Failure failure) {
    switch (failure) {
        case Failure::none:
            return "";
        case Failure::resolve:
            return "resolve";
        case Failure::refused:
            return "refused";
        case Failure::connect:
            return "connect";
        case Failure::connect_timeout:
            return "connect_timeout";
        case Failure::tls:
            return "tls";
        case Failure::reset:
            return "reset";
        case Failure::closed:
            return "closed";
        case Failure::timeout:
            return "timeout";
        case Failure::malformed:
            return "malformed";
        case Failure::too_large:
            return "too_large";
        case Failure::proxy:
            return "proxy";
        case Failure::cancelled:
            return "cancelled";
        case Failure::descriptors:
            return "descriptors";
    }
    return "unknown";
}

}  // namespace milo_perf::http
