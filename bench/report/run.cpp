#include "report/run.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <optional>

#include "process/cores.hpp"
#include "report/guard.hpp"
#include "report/json.hpp"
#include "report/machine.hpp"
#include "report/table.hpp"
#include "rows/measure.hpp"

namespace bench {

namespace {

using namespace std::chrono_literals;

constexpr Effort quick_effort{.slices = 8, .slice = 50ms};
constexpr Effort full_effort{.slices = 10, .slice = 150ms};

int list(const Catalogue& catalogue) {
  for (const Group& group : catalogue.groups) {
    for (const Subject& subject : group.subjects) std::printf("%s\n", subject.name.path().c_str());
  }
  for (const Probe& probe : catalogue.probes) std::printf("%s\n", probe.name.path().c_str());
  return 0;
}

Ratios recorded_before(const std::string& file) {
  return std::filesystem::exists(file) ? read_ratios(file) : Ratios();
}

class Run {
 public:
  Run(const CommandLine& line, bool with_peers)
      : line_(line), effort_(line.quick ? quick_effort : full_effort), with_peers_(with_peers) {
    if (!line.check.empty()) guard_.emplace(read_ratios(line.check));
  }

  void measure_all(const Catalogue& catalogue) {
    std::printf("%s\n", describe_machine().c_str());
    print_table_head(with_peers_);
    for (const Group& group : catalogue.groups) {
      const auto rows = measure_and_print(group);
      rows_.insert(rows_.end(), rows.begin(), rows.end());
      for (std::size_t index = 0; guard_ && index < rows.size(); ++index) {
        guard_->look_at(rows[index], [&] { return measure_and_print(group)[index]; });
      }
    }
    for (const Probe& probe : catalogue.probes) {
      rows_.push_back(measure(probe, effort_));
      print(rows_.back(), with_peers_);
    }
  }

  int conclude() const {
    if (!line_.json.empty()) write_json(line_.json, rows_);
    if (!line_.record.empty()) write_ratios(line_.record, merged(recorded_before(line_.record), rows_));
    if (guard_ && !guard_->conclude(line_.only.empty() && processors().size() > 1)) return 1;
    for (const Row& row : rows_) {
      if (!row.error.empty()) return 1;
    }
    return 0;
  }

 private:
  std::vector<Row> measure_and_print(const Group& group) const {
    const auto rows = measure(group, effort_);
    for (const Row& row : rows) print(row, with_peers_);
    return rows;
  }

  const CommandLine& line_;
  const Effort effort_;
  const bool with_peers_;
  std::optional<Guard> guard_;
  std::vector<Row> rows_;
};

}  // namespace

int run(const CommandLine& line, Catalogue catalogue, bool with_peers) {
  if (line.quick) catalogue.keep_quick();
  if (!line.only.empty()) catalogue.keep_only(line.only);
  if (catalogue.groups.empty() && catalogue.probes.empty()) {
    std::fprintf(stderr, "vagus_bench: no row is meant by %s; --list says which there are\n",
                 line.only.c_str());
    return 2;
  }
  if (line.list) return list(catalogue);
  Run run(line, with_peers);
  run.measure_all(catalogue);
  return run.conclude();
}

}  // namespace bench
