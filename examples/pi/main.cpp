// pi: a service that computes digits of pi, and a head that asks it for some.
#include <cstdlib>
#include <exception>
#include <iostream>
#include <span>

#include "body.hpp"
#include "command_line.hpp"
#include "head.hpp"
#include "job.hpp"

int main(int argc, char** argv) {
  try {
    const pi::CommandLine line =
        pi::parse_command_line(std::span<const char* const>(argv, static_cast<std::size_t>(argc)).subspan(1));
    switch (line.role) {
      case pi::Role::help:
        std::cout << pi::usage;
        return 0;
      case pi::Role::body:
        pi::run_body(line.url);
        return 0;
      case pi::Role::head:
        return pi::run_head(line.url, line.pause);
      case pi::Role::job:
        pi::run_job();
        return 0;
    }
  } catch (const pi::UsageError& error) {
    std::cerr << "pi: " << error.what() << "\n\n" << pi::usage;
    return 2;
  } catch (const std::exception& error) {
    std::cerr << "pi: " << error.what() << '\n';
  }
  return 1;
}
