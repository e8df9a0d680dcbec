#include <string>
#include <vector>

#include "app/program.hpp"

int main(int argc, char** argv) {
    return milo_perf::app::run_program(std::vector<std::string>(argv + 1, argv + argc));
}
