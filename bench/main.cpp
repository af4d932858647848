// What ./dev bench runs: whole calls beside the least that two processes can do.

#include <cstdio>
#include <exception>

#include "report/run.hpp"

int main(int argc, char** argv) {
  int code = 0;
  try {
    const auto line = bench::CommandLine::parse(argc, argv, code);
    return line ? bench::run(*line, bench::catalogue()) : code;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vagus_bench: %s\n", error.what());
    return 1;
  }
}
