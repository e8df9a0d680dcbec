// A fake Milo as a program: prints where it is, and serves until SIGINT or SIGTERM.

#include <signal.h>
#include <sys/resource.h>

#include <boost/program_options.hpp>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "fake_milo/server.hpp"

namespace {

namespace po = boost::program_options;
using namespace milo_perf::fake_milo;

struct Arguments {
    Options options;
    std::string kubeconfig;
    bool client_certificate = false;
    std::vector<std::string> faults;
    std::vector<std::string> vm_faults;
};

Arguments parse(int argc, char** argv) {
    Arguments arguments;
    Options& options = arguments.options;
    std::int64_t delay = 0;
    std::int64_t spread = 0;
    std::int64_t purge = 0;
    bool plain = false;
    po::options_description flags(
        "fake-milo: Milo's API and a VictoriaMetrics, on loopback. SIGUSR1 closes the API's port and its\n"
        "connections, SIGUSR2 opens it again; SIGTERM ends, and prints what was seen");
    const auto add = [&flags](const char* name, auto* value, const char* help) {
        flags.add_options()(name, value, help);
    };
    flags.add_options()("help", "this text");
    add("port", po::value(&options.port)->default_value(0), "of the API; 0: any");
    add("vm-port", po::value(&options.vm_port)->default_value(0), "of the metrics; 0: any");
    add("kubeconfig", po::value(&arguments.kubeconfig)->default_value("fake-milo.kubeconfig"),
        "file to write");
    add("token", po::value(&options.tokens), "let in, and the kubeconfig's");
    add("client-certificate", po::bool_switch(&arguments.client_certificate),
        "the kubeconfig has a client certificate instead of the token");
    add("plain", po::bool_switch(&plain), "no TLS");
    add("ready-delay-ms", po::value(&delay)->default_value(100), "from a Project's create to its Ready");
    add("ready-spread-ms", po::value(&spread)->default_value(0), "the delay varies evenly by this both ways");
    add("never-ready-share", po::value(&options.controller.never_ready_share)->default_value(0),
        "share of Projects that never get Ready");
    add("purge-delay-ms", po::value(&purge)->default_value(100), "from a Project's delete to its end");
    add("fault", po::value(&arguments.faults),
        "a rule, e.g. effect=status,status=429,retry-after=1,path=secrets,probability=0.01");
    add("vm-fault", po::value(&arguments.vm_faults), "a rule for the metrics server");
    add("seed", po::value(&options.seed)->default_value(1), "of delays and probabilities");
    po::variables_map values;
    po::store(po::parse_command_line(argc, argv, flags), values);
    if (values.count("help") != 0) {
        std::cout << flags;
        std::exit(0);
    }
    po::notify(values);
    options.tls = !plain;
    options.controller.ready_delay = Latency::uniform(Milliseconds(std::max<std::int64_t>(0, delay - spread)),
                                                      Milliseconds(delay + spread));
    options.controller.purge_delay = Milliseconds(purge);
    return arguments;
}

void write_private(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
    std::filesystem::permissions(path,
                                 std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

/// As many connections as the system allows.
void raise_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
}

int serve(const Arguments& arguments) {
    raise_descriptors();
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2}) sigaddset(&signals, signal);
    // Before the server's thread is there, so that it inherits the mask.
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    Server server(arguments.options);
    for (const std::string& fault : arguments.faults) server.add_fault(parse_fault(fault));
    for (const std::string& fault : arguments.vm_faults) server.add_vm_fault(parse_fault(fault));
    write_private(arguments.kubeconfig, arguments.client_certificate ? server.kubeconfig_with_certificate()
                                                                     : server.kubeconfig_text());
    std::cout << "url: " << server.url() << "\nvm_url: " << server.vm_url()
              << "\nkubeconfig: " << arguments.kubeconfig << std::endl;
    for (int signal = 0; signal != SIGINT && signal != SIGTERM;) {
        sigwait(&signals, &signal);
        if (signal == SIGUSR1) {
            server.stop_listening();
            server.drop_connections();
        } else if (signal == SIGUSR2) {
            server.start_listening();
        }
    }
    const Stats stats = server.stats();
    std::cout << "connections: " << stats.connections_accepted << "\nrequests: " << stats.requests << '\n';
    for (const auto& [kind, count] : stats.requests_by_kind)
        std::cout << "  " << kind << ": " << count << '\n';
    for (const auto& [resource, count] : stats.objects)
        std::cout << "left " << resource << ": " << count << '\n';
    std::cout << "created twice: " << stats.created_twice.size() << '\n';
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    try {
        return serve(parse(argc, argv));
    } catch (const std::exception& error) {
        std::cerr << "fake-milo: " << error.what() << '\n';
        return 2;
    }
}
