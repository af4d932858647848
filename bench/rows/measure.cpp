#include "rows/measure.hpp"

#include <deque>
#include <exception>
#include <utility>

#include "process/hogs.hpp"

namespace bench {

namespace {

/// A pair of a group. Once it has failed, it takes no further part.
class Contender {
 public:
  explicit Contender(const Pair& pair) {
    attempt([&] {
      pair_.emplace(pair);
      pair_->halt();
    });
  }

  void run_slice(nanoseconds length) {
    if (!pair_) return;
    attempt([&] {
      pair_->go_on();
      result_.add(pair_->run_slice(length));
      pair_->halt();
    });
  }

  const SliceResult& result() const noexcept { return result_; }
  const std::string& error() const noexcept { return error_; }

 private:
  template <typename Action>
  void attempt(const Action& action) {
    try {
      action();
    } catch (const std::exception& error) {
      error_ = error.what();
      pair_.reset();
    }
  }

  std::optional<RunningPair> pair_;
  SliceResult result_;
  std::string error_;
};

double compared(const Row& row, RatioOf what) {
  return what == RatioOf::latency ? row.p50_us : 1e6 / row.operations_per_second;
}

Row make_row(const Subject& subject, const SliceResult& result) {
  Row row;
  row.name = subject.name;
  row.p50_us = result.quantile(0.5);
  row.p99_us = result.quantile(0.99);
  row.p999_us = result.quantile(0.999);
  const auto operations = static_cast<double>(result.operations);
  row.operations_per_second = operations / result.seconds;
  row.cpu_seconds_per_million = result.cpu_seconds / operations * 1e6;
  return row;
}

Row failed(const RowName& name, const std::string& error) {
  Row row;
  row.name = name;
  row.error = error;
  return row;
}

Row make_row(const Subject& subject, const Contender& contender, const Contender& limit) {
  if (!contender.error().empty()) return failed(subject.name, contender.error());
  if (!limit.error().empty()) return failed(subject.name, "the limit: " + limit.error());
  Row row = make_row(subject, contender.result());
  row.limit_p50_us = limit.result().quantile(0.5);
  row.ratio = compared(row, subject.ratio_of) / row.limit_p50_us;
  const SliceResult& bare = limit.result();
  row.limit_share = row.limit_p50_us * 1e-6 * static_cast<double>(bare.operations) / bare.seconds;
  return row;
}

}  // namespace

std::vector<Row> measure(const Group& group, const Effort& effort) {
  std::deque<Contender> contenders;
  if (group.limit) contenders.emplace_back(*group.limit);
  for (const Subject& subject : group.subjects) contenders.emplace_back(subject.pair);
  std::optional<Hogs> hogs;
  if (group.hogs) hogs.emplace();
  for (int slice = 0; slice < effort.slices; ++slice) {
    for (Contender& contender : contenders) contender.run_slice(effort.slice * group.slice_factor);
  }

  std::vector<Row> rows;
  for (std::size_t index = 0; index < group.subjects.size(); ++index) {
    const Subject& subject = group.subjects[index];
    Row row = make_row(subject, contenders[index + (group.limit ? 1 : 0)], contenders[0]);
    row.steady = group.steady && group.limit.has_value();
    if (index > 0) row.times_vagus = compared(row, subject.ratio_of) / compared(rows[0], subject.ratio_of);
    rows.push_back(std::move(row));
  }
  return rows;
}

Row measure(const Probe& probe, const Effort& effort) {
  try {
    Row row;
    row.name = probe.name;
    row.unit = probe.unit;
    row.value = probe.measure(effort.slice * effort.slices);
    return row;
  } catch (const std::exception& error) {
    return failed(probe.name, error.what());
  }
}

}  // namespace bench
