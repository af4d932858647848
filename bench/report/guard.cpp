#include "report/guard.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace bench {

namespace {

constexpr double tolerance = 2;
constexpr int attempts = 3;
constexpr double undisturbed_share = 0.8;

std::string describe(const Row& row, double recorded) {
  char text[100];
  std::snprintf(text, sizeof text, " takes %.2f times the limit, recorded are %.2f", row.ratio, recorded);
  return row.name.path() + text;
}

}  // namespace

void Guard::look_at(Row row, const std::function<Row()>& again) {
  const std::string path = row.name.path();
  const auto recorded = recorded_.find(path);
  if (recorded == recorded_.end()) return;
  seen_.insert(path);
  bool disturbed = false;
  for (int attempt = 1; row.error.empty(); ++attempt) {
    if (!too_slow(row)) return;
    disturbed = disturbed || row.limit_share < undisturbed_share;
    if (attempt == attempts) break;
    std::printf("  more than twice as slow as recorded, once more:\n");
    row = again();
  }
  if (!row.error.empty()) {
    faults_.push_back(path + " failed: " + row.error);
  } else if (disturbed) {
    disturbed_.push_back(describe(row, recorded->second));
  } else {
    faults_.push_back(describe(row, recorded->second));
  }
}

bool Guard::conclude(bool all) const {
  std::vector<std::string> faults = faults_;
  for (const auto& [path, ratio] : recorded_) {
    if (all && seen_.count(path) == 0) faults.push_back(path + " is recorded, but was not measured");
  }
  for (const std::string& row : disturbed_) {
    std::printf("not judged: %s, but other programs had the processors\n", row.c_str());
  }
  for (const std::string& fault : faults) std::printf("FAULT: %s\n", fault.c_str());
  std::printf("%zu rows compared with recorded ratios, %zu not judged, %zu faults\n", seen_.size(),
              disturbed_.size(), faults.size());
  return faults.empty() && !seen_.empty();
}

bool Guard::too_slow(const Row& row) const {
  return !(row.ratio <= tolerance * recorded_.at(row.name.path()));  // also when it is NaN
}

Ratios merged(Ratios recorded, const std::vector<Row>& rows) {
  for (const Row& row : rows) {
    if (!row.steady || !std::isfinite(row.ratio)) continue;
    double& ratio = recorded[row.name.path()];
    ratio = std::max(ratio, row.ratio);
  }
  return recorded;
}

}  // namespace bench
