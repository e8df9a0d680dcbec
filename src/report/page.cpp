#include "report/page.hpp"

#include <fmt/format.h>

#include "report/assets.hpp"
#include "report/text.hpp"

namespace milo_perf::report {
namespace {

const std::string& content_security_policy() {
    static const std::string policy = fmt::format(
        "default-src 'none'; script-src {} {}; style-src {}; img-src data:; base-uri 'none'; form-action "
        "'none'",
        csp_hash(assets::chart_library()), csp_hash(assets::script()), csp_hash(assets::stylesheet()));
    return policy;
}

}  // namespace

std::string page(std::string_view title, const std::string& body) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" "
        "content=\"no-referrer\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n"
        "<a class=\"skip\" href=\"#main\">Skip to the results</a>\n{}"
        "<script>{}</script>\n<script>{}</script>\n</body>\n</html>\n",
        content_security_policy(), escape_html(title), assets::stylesheet(), body, assets::chart_library(),
        assets::script());
}

}  // namespace milo_perf::report
