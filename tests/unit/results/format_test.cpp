#include "results/format.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <optional>
#include <string>
#include <vector>

using namespace milo_perf::results;

TEST_CASE("What is missing is n/a, never 0") {
    CHECK(number({}) == "n/a");
    CHECK(number(std::numeric_limits<double>::quiet_NaN()) == "n/a");
    CHECK(number(std::numeric_limits<double>::infinity()) == "n/a");
    CHECK(duration({}) == FigureText{"n/a", ""});
    CHECK(bytes({}) == FigureText{"n/a", ""});
    CHECK(cores({}) == FigureText{"n/a", ""});
    CHECK(percent({}) == "n/a");
    CHECK(with_sign(duration({})).text() == "n/a");
}

TEST_CASE("A server's version is shown as it says it, and a placeholder is none") {
    CHECK(server_version("v1.37.2") == "v1.37.2");
    CHECK(server_version("v1.30.4-eks-a18cd3a") == "v1.30.4-eks-a18cd3a");
    CHECK(server_version("v0.0.0-master+$Format:%H$") == "not told");
    CHECK(server_version({}) == "n/a");
}

TEST_CASE("Numbers have three significant digits and separated thousands") {
    CHECK(number(0) == "0");
    CHECK(number(0.0042137) == "0.00421");
    CHECK(number(1.0) == "1.00");
    CHECK(number(12.345) == "12.3");
    CHECK(number(123.45) == "123");
    CHECK(number(999.6) == "1,000");
    CHECK(number(1234567.8) == "1,234,568");
    CHECK(number(-1234.5) == "-1,234");
    CHECK(number(-0.5) == "-0.500");
    CHECK(number(0.1) == "0.100");
    CHECK(number(3e-9) == "3.00e-09");
    CHECK(count(0) == "0");
    CHECK(count(999) == "999");
    CHECK(count(1000) == "1,000");
    CHECK(count(18446744073709551615U) == "18,446,744,073,709,551,615");
}

TEST_CASE("Durations are in the unit that reads best") {
    CHECK(duration(0).text() == "0 s");
    CHECK(duration(0.0000042).text() == "4.20 µs");
    CHECK(duration(0.0123).text() == "12.3 ms");
    CHECK(duration(0.99999).text() == "1.00 s");
    CHECK(duration(59.94).text() == "59.9 s");
    CHECK(duration(599).text() == "599 s");
    CHECK(duration(600).text() == "10.0 min");
    CHECK(duration(7200).text() == "2.00 h");
}

TEST_CASE("Memory and CPU") {
    CHECK(bytes(0).text() == "0 MB");
    CHECK(bytes(512).text() == "512 bytes");
    CHECK(bytes(123456789).text() == "123 MB");
    CHECK(bytes(1.5e9).text() == "1.50 GB");
    CHECK(bytes(-2.5e6).text() == "-2.50 MB");
    CHECK(cores(0.00042).text() == "0.420 millicores");
    CHECK(cores(0.0000006).text() == "0.600 microcores");
    CHECK(cores(0).text() == "0 cores");
    CHECK(cores(0.25).text() == "0.250 cores");
    CHECK(cores(12).text() == "12.0 cores");
}

TEST_CASE("Changes carry their sign") {
    CHECK(with_sign(bytes(2.5e6)).text() == "+2.50 MB");
    CHECK(with_sign(bytes(-2.5e6)).text() == "−2.50 MB");
    CHECK(with_sign(bytes(0)).text() == "±0 MB");
}

TEST_CASE("Shares") {
    CHECK(percent(0) == "0 %");
    CHECK(percent(0.0000005) == "0.0000500 %");
    CHECK(percent(0.0005) == "0.0500 %");
    CHECK(percent(0.00123) == "0.12 %");
    CHECK(percent(0.0123) == "1.23 %");
    CHECK(percent(0.5) == "50.0 %");
    CHECK(percent(1) == "100.0 %");
}

TEST_CASE("A figure in the unit of the results") {
    CHECK(quantity(2, "count").text() == "2");
    CHECK(quantity(12, "count").text() == "12");
    CHECK(quantity(-1234, "count").text() == "-1,234");
    CHECK(quantity(2.5, "count").text() == "2.50");
    CHECK(quantity(1502, "per_second").text() == "1,502 per second");
    CHECK(quantity(std::nullopt, "per_second").text() == "n/a");
    CHECK(quantity(0.0123, "cores").text() == "12.3 millicores");
    CHECK(show(0.0123, "cores") == "12.3 mcores");
    CHECK(show(0.0123, "seconds") == "12.3 ms");
    CHECK(show(1.5e6, "bytes") == "1.50 MB");
    CHECK(show(-2048, "bytes") == "-2.05 kB");
    CHECK(show(0.001, "share") == "0.10 %");
    CHECK(show(12345.6, "per_second") == "12,346 /s");
    CHECK(show(std::nullopt, "seconds") == "n/a");
}

TEST_CASE("What is read against each other has one unit") {
    const auto texts = [](std::vector<std::optional<double>> values, std::string_view unit) {
        std::string all;
        for (const auto& text : in_common_unit(values, unit)) all += (all.empty() ? "" : ", ") + text.text();
        return all;
    };
    CHECK(texts({0.033, 0.053}, "cores") == "33.0 millicores, 53.0 millicores");
    CHECK(texts({0.051, 0.153}, "cores") == "0.0510 cores, 0.153 cores");
    CHECK(texts({1.05e9, 980e6}, "bytes") == "1.05 GB, 0.980 GB");
    CHECK(texts({0, 0}, "bytes") == "0 MB, 0 MB");
    CHECK(texts({std::nullopt, 2e6, 0}, "bytes") == "n/a, 2.00 MB, 0 MB");
}
