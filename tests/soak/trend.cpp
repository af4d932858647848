#include "soak/trend.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace vagus::soak {

namespace {

double count_entries(const std::string& folder) {
  const std::filesystem::directory_iterator entries(folder);
  return static_cast<double>(std::distance(begin(entries), end(entries)));
}

double count_lines(const std::string& file_name) {
  std::ifstream file(file_name);
  return static_cast<double>(
      std::count(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>(), '\n'));
}

double proportional_memory(const std::string& file_name) {
  std::ifstream file(file_name);
  for (std::string word; file >> word;) {
    if (word != "Pss:") continue;
    double kibibytes = 0;
    file >> kibibytes;
    return kibibytes;
  }
  throw std::runtime_error("the kernel does not say how much memory a process uses");
}

}  // namespace

Sample take_sample(int process, double seconds) {
  const std::string folder = "/proc/" + std::to_string(process);
  return {.seconds = seconds,
          .kibibytes = proportional_memory(folder + "/smaps_rollup"),
          .allocated = 0,
          .mappings = count_lines(folder + "/maps"),
          .descriptors = count_entries(folder + "/fd"),
          .threads = count_entries(folder + "/task")};
}

double slope_of(const std::vector<Sample>& samples, double Sample::*quantity) {
  std::vector<double> slopes;
  for (auto later = samples.begin(); later != samples.end(); ++later) {
    for (auto earlier = samples.begin(); earlier != later; ++earlier) {
      slopes.push_back((*later.*quantity - *earlier.*quantity) / (later->seconds - earlier->seconds));
    }
  }
  if (slopes.empty()) return 0;
  const auto middle = slopes.begin() + static_cast<std::ptrdiff_t>(slopes.size() / 2);
  std::nth_element(slopes.begin(), middle, slopes.end());
  return *middle;
}

}  // namespace vagus::soak
