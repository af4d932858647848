#include "report/table.hpp"

#include <cmath>
#include <cstdio>
#include <string>

namespace bench {

namespace {

// Four significant digits are more than what two runs have in common.
std::string text_of(double number) {
  if (std::isnan(number)) return "-";
  char text[32];
  const double size = std::fabs(number);
  std::snprintf(text, sizeof text, "%.*f", size < 10 ? 2 : size < 1000 ? 1 : 0, number);
  return text;
}

}  // namespace

void print_table_head(bool with_peers) {
  std::printf("%-36s %-8s %-5s %7s %9s %9s %9s %10s %9s %9s %8s%s\n", "name", "mode", "pin", "size", "p50 us",
              "p99 us", "p99.9 us", "per s", "cpu s/M", "limit us", "ratio", with_peers ? "  x vagus" : "");
}

void print(const Row& row, bool with_peers) {
  std::printf("%-36s %-8s %-5s %7s ", row.name.name.c_str(), row.name.mode.c_str(), row.name.pin.c_str(),
              row.name.size.c_str());
  if (!row.error.empty()) {
    std::printf("failed: %s\n", row.error.c_str());
  } else if (!row.unit.empty()) {
    std::printf("%9s %s\n", text_of(row.value).c_str(), row.unit.c_str());
  } else {
    std::printf("%9s %9s %9s %10.0f %9s %9s %8s", text_of(row.p50_us).c_str(), text_of(row.p99_us).c_str(),
                text_of(row.p999_us).c_str(), row.operations_per_second,
                text_of(row.cpu_seconds_per_million).c_str(), text_of(row.limit_p50_us).c_str(),
                text_of(row.ratio).c_str());
    if (with_peers) std::printf(" %9s", text_of(row.times_vagus).c_str());
    std::printf("\n");
  }
  std::fflush(stdout);
}

}  // namespace bench
