#include "command_line.hpp"

#include <cstdio>

#include <getopt.h>

namespace bench {

namespace {

constexpr const char* usage =
    "usage: vagus_bench [OPTION...]\n"
    "  --quick         a selection of the rows, in less than a minute\n"
    "  --only PATTERN  the rows whose NAME/MODE/PIN/SIZE has PATTERN in it, or matches it if it has "
    "wildcards:\n"
    "                  pipelined, shm.sync/*/split/int\n"
    "  --list          say what would be measured\n"
    "  --json FILE     write the table for machines, too\n"
    "  --check FILE    fail if a ratio is more than twice what is recorded there, three times in a row\n"
    "  --record FILE   write the ratios there, where they are larger than what is recorded there\n"
    "  --peers         others instead; for ./dev bench only\n";

}  // namespace

std::optional<CommandLine> CommandLine::parse(int argc, char** argv, int& code) {
  static const option options[] = {
      {"quick", no_argument, nullptr, 'q'},       {"only", required_argument, nullptr, 'o'},
      {"list", no_argument, nullptr, 'l'},        {"json", required_argument, nullptr, 'j'},
      {"check", required_argument, nullptr, 'c'}, {"record", required_argument, nullptr, 'r'},
      {"help", no_argument, nullptr, 'h'},        {nullptr, 0, nullptr, 0}};
  CommandLine line;
  for (int found = 0; (found = ::getopt_long(argc, argv, "h", options, nullptr)) != -1;) {
    switch (found) {
      case 'q':
        line.quick = true;
        break;
      case 'o':
        line.only = ::optarg;
        break;
      case 'l':
        line.list = true;
        break;
      case 'j':
        line.json = ::optarg;
        break;
      case 'c':
        line.check = ::optarg;
        break;
      case 'r':
        line.record = ::optarg;
        break;
      case 'h':
        std::fputs(usage, stdout);
        code = 0;
        return std::nullopt;
      default:
        std::fputs(usage, stderr);
        code = 2;
        return std::nullopt;
    }
  }
  if (::optind < argc) {
    std::fprintf(stderr, "vagus_bench: %s is no option\n%s", argv[::optind], usage);
    code = 2;
    return std::nullopt;
  }
  return line;
}

}  // namespace bench
