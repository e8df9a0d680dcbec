#include "report/text.hpp"

#include <doctest/doctest.h>

using namespace milo_perf::report;

TEST_CASE("HTML: the five special characters become entities") {
    CHECK(escape_html(R"(<a href="x" title='y'>&</a>)") ==
          "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&lt;/a&gt;");
    CHECK(escape_html("</script><script>alert(1)</script>") ==
          "&lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
}

TEST_CASE("HTML: ordinary text of any language stays as it is") {
    CHECK(escape_html("grüße 世界 🙂 a\tb\nc") == "grüße 世界 🙂 a\tb\nc");
    CHECK(escape_html("").empty());
}

TEST_CASE("HTML: what is invisible, reorders text or is no UTF-8 is replaced") {
    const std::string replaced = "\xEF\xBF\xBD";
    CHECK(escape_html(std::string_view("a\0b", 3)) == "a" + replaced + "b");
    CHECK(escape_html("a\x1B[31mb") == "a" + replaced + "[31mb");
    CHECK(escape_html("a\u202Eb") == "a" + replaced + "b");
    CHECK(escape_html("a\u2028b") == "a" + replaced + "b");
    CHECK(escape_html("a\xFF") == "a" + replaced);
    SUBCASE("a lead byte at the end, an overlong form and a surrogate") {
        CHECK(escape_html("a\xE2\x82") == "a" + replaced + replaced);
        CHECK(escape_html("\xC0\xBC") == replaced + replaced);
        CHECK(escape_html("\xED\xA0\x80") == replaced + replaced + replaced);
    }
}

TEST_CASE("Terminal: no escape sequence and no line end gets through") {
    CHECK(printable("\x1B[2Jgone\r\nforged") == "?[2Jgone??forged");
    CHECK(printable("\xC2\x9B"
                    "31m") == "?31m");
    CHECK(printable("naïve — fine") == "naïve — fine");
}

TEST_CASE("Shell words are quoted only when they must be") {
    CHECK(shell_quote("NUM_PROJECTS=100") == "NUM_PROJECTS=100");
    CHECK(shell_quote("") == "''");
    CHECK(shell_quote("a b") == "'a b'");
    CHECK(shell_quote("milo-apiserver.*") == "'milo-apiserver.*'");
    CHECK(shell_quote("$(rm -rf /); `x`") == "'$(rm -rf /); `x`'");
    CHECK(shell_quote("it's") == R"('it'\''s')");
    CHECK(shell_quote("~/x") == "'~/x'");
}

TEST_CASE("Data addresses and hashes are those that other tools compute") {
    CHECK(data_uri("text/csv", "a,b\n") == "data:text/csv;base64,YSxiCg==");
    CHECK(data_uri("text/csv", "") == "data:text/csv;base64,");
    // printf %s abc | openssl dgst -sha256 -binary | base64
    CHECK(csp_hash("abc") == "'sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0='");
}
