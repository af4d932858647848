#include "sampler.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>

namespace sysmon {

namespace {

const auto ticks_per_second = static_cast<double>(::sysconf(_SC_CLK_TCK));
const auto page_size = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));

std::vector<std::int64_t> process_ids() {
  std::vector<std::int64_t> ids;
  std::error_code ignored;  // without /proc there are no processes to show
  for (const auto& entry : std::filesystem::directory_iterator("/proc", ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") == std::string::npos) ids.push_back(std::stoll(name));
  }
  return ids;
}

std::string folder_of(std::int64_t id) { return "/proc/" + std::to_string(id); }

}  // namespace

Sampler::Sampler() { sample(); }

std::vector<double> Sampler::sample() {
  const std::scoped_lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  const double seconds = std::chrono::duration<double>(now - std::exchange(sampled_, now)).count();

  auto times = parse_cpu_times(read_file("/proc/stat"));
  load_ = load_between(cpu_times_, times);
  cpu_times_ = std::move(times);

  Ticks ticks;
  processes_.clear();
  for (const std::int64_t id : process_ids()) {
    const auto stat = parse_process(read_file(folder_of(id) + "/stat"));
    if (!stat) continue;  // it has ended by now
    const Key key{id, stat->started};
    ticks[key] = stat->ticks;
    const auto before = ticks_.find(key);
    const auto used = before == ticks_.end() ? 0.0 : static_cast<double>(stat->ticks - before->second);
    processes_.push_back({id, stat->name, std::string(1, stat->state), stat->threads,
                          used / ticks_per_second / seconds, stat->resident_pages * page_size});
  }
  ticks_ = std::move(ticks);
  return load_;
}

std::vector<double> Sampler::load() const {
  const std::scoped_lock lock(mutex_);
  return load_;
}

std::vector<ProcessInfo> Sampler::top(std::size_t count, SortBy by) const {
  std::vector<ProcessInfo> top;
  {
    const std::scoped_lock lock(mutex_);
    top = processes_;
  }
  const auto first = [by](const ProcessInfo& a, const ProcessInfo& b) {
    if (by == SortBy::cpu && a.cpu != b.cpu) return a.cpu > b.cpu;
    if (a.memory_bytes != b.memory_bytes) return a.memory_bytes > b.memory_bytes;
    return a.id < b.id;
  };
  const auto middle = top.begin() + static_cast<std::ptrdiff_t>(std::min(count, top.size()));
  std::partial_sort(top.begin(), middle, top.end(), first);
  top.erase(middle, top.end());

  for (ProcessInfo& process : top) {
    const std::string command = parse_command_line(read_file(folder_of(process.id) + "/cmdline"));
    process.command = command.empty() ? "[" + process.command + "]" : command;
  }
  return top;
}

}  // namespace sysmon
