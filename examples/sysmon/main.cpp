// A system monitor, split up: the body reads /proc, the heads show it. `sysmon --help` tells more.
#include <unistd.h>

#include <clocale>
#include <cstdio>
#include <exception>
#include <span>
#include <string>

#include <vagus/vagus.hpp>
#ifdef SYSMON_CONFIGURATION
#include <vagus/configuration/configuration_error.hpp>
#endif

#include "body.hpp"
#include "command_line.hpp"
#ifdef SYSMON_CONFIGURATION
#include "configured.hpp"
#endif
#include "head.hpp"
#include "second_head.hpp"

namespace {

int run(const sysmon::CommandLine& line) {
#ifdef SYSMON_CONFIGURATION
  if (!line.config.empty() && line.role == sysmon::Role::head) {
    return sysmon::run_configured_head(line.config, line.seconds);
  }
  if (!line.config.empty()) {
    sysmon::run_configured_body(line.config, line.allow_signal);
    return 0;
  }
#endif
  switch (line.role) {
    case sysmon::Role::help:
      std::fputs(sysmon::usage, stdout);
      return 0;
    case sysmon::Role::head:
      return sysmon::run_head(line.url, line.seconds);
    case sysmon::Role::second_head:
      sysmon::run_second_head(line.url);
      return 0;
    case sysmon::Role::demo:
      // Under a name that nobody else has.
      return sysmon::run_demo("shm://sysmon-" + std::to_string(::getpid()), line.seconds, line.allow_signal);
    case sysmon::Role::body:
      sysmon::run_body(line.url, line.allow_signal);
      return 0;
  }
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  std::setlocale(LC_ALL, "");
  try {
    return run(sysmon::parse_command_line(std::span(argv, static_cast<std::size_t>(argc)).subspan(1)));
  } catch (const sysmon::UsageError& error) {
    std::fprintf(stderr, "sysmon: %s\n\n%s", error.what(), sysmon::usage);
    return 2;
#ifdef SYSMON_CONFIGURATION
  } catch (const vagus::ConfigurationError& error) {  // each line begins with the file
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
#endif
  } catch (const vagus::ApiParamError& error) {  // of a URL
    std::fprintf(stderr, "sysmon: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "sysmon: %s\n", error.what());
    return 1;
  }
}
