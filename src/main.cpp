#include <string>
#include <vector>

#include "commands/program.hpp"

int main(int argc, char** argv) {
    return milo_perf::commands::run_program(std::vector<std::string>(argv + 1, argv + argc));
}
