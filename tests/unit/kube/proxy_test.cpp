#include "kube/proxy.hpp"

#include <doctest/doctest.h>

#include "unit/kube/kube_test_support.hpp"

using namespace milo_perf;
using namespace milo_perf::kube;
using test::contains;
using test::sentence_of;

TEST_CASE("NO_PROXY by Go's rules") {
    struct Case {
        const char* no_proxy;
        const char* host;
        std::uint16_t port;
        bool bypassed;
    };
    const Case cases[] = {
        {"", "example.com", 443, false},
        {"*", "example.com", 443, true},
        {"example.com", "example.com", 443, true},
        {"example.com", "EXAMPLE.com", 443, true},
        {"example.com", "api.example.com", 443, true},
        {"example.com", "badexample.com", 443, false},
        {".example.com", "example.com", 443, false},
        {".example.com", "api.example.com", 443, true},
        {"*.example.com", "example.com", 443, false},
        {"*.example.com", "api.example.com", 443, true},
        {"example.com:443", "example.com", 443, true},
        {"example.com:443", "example.com", 6443, false},
        {" a.com , b.com ", "b.com", 443, true},
        {",,", "b.com", 443, false},
        {":443", "b.com", 443, false},
        {".", "b.com", 443, false},
        {"10.0.0.1", "10.0.0.1", 443, true},
        {"10.0.0.1", "10.0.0.10", 443, false},
        {"10.0.0.1:443", "10.0.0.1", 80, false},
        {"10.0.0.0/8", "10.200.3.4", 443, true},
        {"10.0.0.0/8", "11.0.0.1", 443, false},
        {"10.0.0.7/8", "10.1.1.1", 443, true},
        {"10.0.0.0/8", "ten.example.com", 443, false},
        {"0.0.0.0/0", "8.8.8.8", 443, true},
        {"10.0.0.0/33", "10.0.0.1", 443, false},
        {"fd00::/8", "fd12::1", 443, true},
        {"fd00::/8", "fe80::1", 443, false},
        {"fd00::/8", "10.0.0.1", 443, false},
        {"fd12::1", "fd12:0::1", 443, true},
        {"[fd12::1]:6443", "fd12::1", 6443, true},
        {"[fd12::1]:6443", "fd12::1", 443, false},
        {"::ffff:10.0.0.1", "10.0.0.1", 443, true},
        {"", "localhost", 443, true},
        {"", "127.0.0.1", 443, true},
        {"", "127.9.9.9", 443, true},
        {"", "::1", 443, true},
        {"", "localhost.example.com", 443, false},
    };
    for (const Case& c : cases) {
        CAPTURE(c.no_proxy);
        CAPTURE(c.host);
        CAPTURE(c.port);
        CHECK(bypasses_proxy(c.no_proxy, c.host, c.port) == c.bypassed);
    }
}

TEST_CASE("the proxy's variable depends on the server's scheme, upper case first") {
    const Environment both{{"HTTPS_PROXY", "http://secure:1"}, {"HTTP_PROXY", "http://plain:2"}};
    CHECK(proxy_from_environment(both, "example.com", 443, true)->host == "secure");
    CHECK(proxy_from_environment(both, "example.com", 80, false)->host == "plain");
    const Environment lower{{"https_proxy", "http://lower:1"}, {"HTTPS_PROXY", "http://upper:1"}};
    CHECK(proxy_from_environment(lower, "example.com", 443, true)->host == "upper");
    CHECK(proxy_from_environment({{"https_proxy", "http://lower:1"}}, "example.com", 443, true)->host ==
          "lower");
    CHECK_FALSE(proxy_from_environment({{"HTTP_PROXY", "http://plain:2"}}, "example.com", 443, true));
    CHECK_FALSE(proxy_from_environment({}, "example.com", 443, true));
    CHECK_FALSE(proxy_from_environment({{"HTTPS_PROXY", ""}}, "example.com", 443, true));
}

TEST_CASE("NO_PROXY and loopback keep a server from the proxy, even from a broken one") {
    const Environment exempt{{"HTTPS_PROXY", "socks5://proxy"}, {"no_proxy", "example.com"}};
    CHECK_FALSE(proxy_from_environment(exempt, "example.com", 443, true));
    CHECK_FALSE(proxy_from_environment(exempt, "::1", 443, true));
    CHECK_FALSE(proxy_from_environment(exempt, "localhost", 443, true));
}

TEST_CASE("a proxy's URL in a variable may lack its scheme") {
    const auto proxy =
        proxy_from_environment({{"HTTPS_PROXY", "proxy.local:3128"}}, "example.com", 443, true);
    REQUIRE(proxy);
    CHECK(proxy->host == "proxy.local");
    CHECK(proxy->port == 3128);
    CHECK_FALSE(proxy->tls);
}

TEST_CASE("the parts of a proxy's URL") {
    const http::Proxy plain = parse_proxy_url("http://proxy", "proxy-url");
    CHECK(plain.port == 80);
    CHECK_FALSE(plain.tls);
    CHECK(plain.authorization.empty());
    const http::Proxy full = parse_proxy_url("https://us%40er:p%3Aw@[fd00::1]:8443/", "proxy-url");
    CHECK(full.host == "fd00::1");
    CHECK(full.port == 8443);
    CHECK(full.tls);
    CHECK(full.authorization == "Basic dXNAZXI6cDp3");
    CHECK(parse_proxy_url("https://proxy", "proxy-url").port == 443);
}

TEST_CASE("SOCKS5 proxies") {
    const http::Proxy plain = parse_proxy_url("socks5://proxy", "proxy-url");
    CHECK(plain.socks5);
    CHECK(plain.host == "proxy");
    CHECK(plain.port == 1080);
    CHECK(plain.user.empty());
    const http::Proxy full = parse_proxy_url("SOCKS5h://u%40:p%3A@[fd00::1]:9050", "proxy-url");
    CHECK(full.socks5);
    CHECK(full.host == "fd00::1");
    CHECK(full.port == 9050);
    CHECK(full.user == "u@");
    CHECK(full.password == "p:");
    CHECK(full.authorization.empty());
    CHECK(proxy_from_environment({{"HTTPS_PROXY", "socks5://proxy"}}, "example.com", 443, true)->socks5);
    CHECK_FALSE(parse_proxy_url("http://proxy", "proxy-url").socks5);
}

TEST_CASE("a proxy that cannot be used is refused without its password") {
    struct Case {
        const char* url;
        const char* part;
    };
    const Case cases[] = {
        {"socks4://u:hunter2@proxy:1080", "its scheme is 'socks4'"},
        {"socks5://:hunter2@proxy", "the user or the password of a SOCKS5 proxy has 1 to 255 bytes"},
        {"ftp://u:hunter2@proxy", "its scheme is 'ftp'"},
        {"http://u:hunter2@proxy:99999", "its port is not between"},
        {"http://u:hunter2@", "it names no host"},
        {"proxy hunter2", "it is no URL"},
    };
    for (const Case& c : cases) {
        INFO(std::string(c.url));
        const std::string sentence = sentence_of([&] { parse_proxy_url(c.url, "HTTPS_PROXY"); });
        CHECK(contains(sentence, "The proxy in HTTPS_PROXY"));
        CHECK(contains(sentence, c.part));
        CHECK_FALSE(contains(sentence, "hunter2"));
    }
}
