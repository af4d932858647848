#include "timing/slice.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

#include "process/usage.hpp"

namespace bench {

namespace {

// The figures of a slice as they go between processes of one program; the samples follow.
struct Figures {
  double seconds = 0;
  double cpu_seconds = 0;
  std::uint64_t operations = 0;
};

}  // namespace

void SliceResult::add(const SliceResult& other) {
  seconds += other.seconds;
  cpu_seconds += other.cpu_seconds;
  operations += other.operations;
  samples.insert(samples.end(), other.samples.begin(), other.samples.end());
}

double SliceResult::quantile(double share) const {
  if (samples.empty()) return std::numeric_limits<double>::quiet_NaN();
  Samples sorted = samples;
  const auto index = static_cast<std::ptrdiff_t>(share * static_cast<double>(sorted.size() - 1));
  std::nth_element(sorted.begin(), sorted.begin() + index, sorted.end());
  return sorted[static_cast<std::size_t>(index)] / 1e3;
}

std::vector<std::byte> SliceResult::to_bytes() const {
  const Figures figures{seconds, cpu_seconds, operations};
  const auto rest = std::as_bytes(std::span(samples));
  std::vector<std::byte> bytes(sizeof figures + rest.size());
  std::memcpy(bytes.data(), &figures, sizeof figures);
  if (!rest.empty()) std::memcpy(bytes.data() + sizeof figures, rest.data(), rest.size());
  return bytes;
}

SliceResult SliceResult::from_bytes(std::span<const std::byte> bytes) {
  Figures figures;
  std::memcpy(&figures, bytes.data(), sizeof figures);
  const auto rest = bytes.subspan(sizeof figures);
  SliceResult result{figures.seconds, figures.cpu_seconds, figures.operations,
                     Samples(rest.size() / sizeof(Samples::value_type))};
  if (!rest.empty()) std::memcpy(result.samples.data(), rest.data(), rest.size());
  return result;
}

Slice::Slice(nanoseconds budget, std::vector<pid_t> processes)
    : budget_(budget), processes_(std::move(processes)) {
  result_.samples.reserve(1 << 16);
}

Clock::time_point Slice::begin() {
  result_.samples.clear();
  result_.cpu_seconds = -cpu_so_far();
  return begin_ = Clock::now();
}

void Slice::note(const Samples& samples) {
  result_.samples.insert(result_.samples.end(), samples.begin(), samples.end());
}

void Slice::end(std::uint64_t operations) {
  result_.seconds = std::chrono::duration<double>(Clock::now() - begin_).count();
  result_.cpu_seconds += cpu_so_far();
  result_.operations = operations;
}

void Slice::note_in(Samples& samples, nanoseconds time) {
  constexpr nanoseconds::rep longest = std::numeric_limits<std::uint32_t>::max();
  samples.push_back(static_cast<std::uint32_t>(std::clamp<nanoseconds::rep>(time.count(), 0, longest)));
}

double Slice::cpu_so_far() const {
  double sum = 0;
  for (const pid_t process : processes_) sum += cpu_seconds(process);
  return sum;
}

}  // namespace bench
