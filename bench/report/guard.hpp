/// Notices when a call has become slow.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "report/json.hpp"
#include "rows/row.hpp"

namespace bench {

/// Compares ratios to the limit of the same run with recorded ones. A row that is more than twice as slow is
/// measured again, and is a fault only if it is so three times in a row. It is not judged if meanwhile other
/// programs took much of the time of the limit as well.
class Guard {
 public:
  explicit Guard(Ratios recorded) : recorded_(std::move(recorded)) {}

  /// `again` measures the same row once more.
  void look_at(Row row, const std::function<Row()>& again);

  /// Says what is wrong, and what was looked at. `all`: every recorded row should have been. True if all is
  /// well.
  bool conclude(bool all) const;

 private:
  bool too_slow(const Row& row) const;

  const Ratios recorded_;
  std::set<std::string> seen_;
  std::vector<std::string> disturbed_;
  std::vector<std::string> faults_;
};

/// The larger one of both for each row; what is not steady is left out.
Ratios merged(Ratios recorded, const std::vector<Row>& rows);

}  // namespace bench
