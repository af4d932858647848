#include "method_histograms.hpp"

#include <algorithm>
#include <string>

namespace vagus {

namespace {

constexpr std::size_t max_names = 1000;
constexpr std::string_view others = "$others";  // no method is called so

}  // namespace

void SharedHistogram::add(Duration duration) noexcept {
  const Duration time = std::max(duration, Duration::zero());
  buckets_[Histogram::bucket_of(time)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(time.count(), std::memory_order_relaxed);
  Duration::rep max = max_.load(std::memory_order_relaxed);
  while (time.count() > max && !max_.compare_exchange_weak(max, time.count(), std::memory_order_relaxed)) {
  }
}

Histogram SharedHistogram::read() const noexcept {
  Histogram histogram;
  for (std::size_t bucket = 0; bucket < Histogram::bucket_count; ++bucket) {
    histogram.add_to_bucket(bucket, buckets_[bucket].load(std::memory_order_relaxed));
  }
  histogram.sum_ = Duration(sum_.load(std::memory_order_relaxed));
  histogram.max_ = Duration(max_.load(std::memory_order_relaxed));
  return histogram;
}

MethodHistograms::Entry& MethodHistograms::entry(std::string_view name_space) {
  MutexLock lock(mutex_);
  if (const auto found = entries_.find(name_space); found != entries_.end()) return *found->second;
  const std::string_view name = entries_.size() < max_names ? name_space : others;
  auto& made = entries_[std::string(name)];
  if (!made) made = std::make_unique<Entry>();
  return *made;
}

void MethodHistograms::add_call(std::string_view name_space, Duration elapsed, bool failed) {
  Entry& method = entry(name_space);
  method.called.add(elapsed);
  if (failed) method.calls_failed.fetch_add(1, std::memory_order_relaxed);
}

void MethodHistograms::add_request(std::string_view name_space, Duration waited, Duration ran, bool failed) {
  Entry& method = entry(name_space);
  method.waited.add(waited);
  method.ran.add(ran);
  if (failed) method.requests_failed.fetch_add(1, std::memory_order_relaxed);
}

std::vector<MethodStats> MethodHistograms::read() const {
  std::vector<MethodStats> methods;
  {
    MutexLock lock(mutex_);
    for (const auto& [name, entry] : entries_) {
      methods.push_back({name, entry->called.read(), entry->waited.read(), entry->ran.read(),
                         entry->calls_failed.load(std::memory_order_relaxed),
                         entry->requests_failed.load(std::memory_order_relaxed)});
    }
  }
  std::sort(methods.begin(), methods.end(),
            [](const MethodStats& a, const MethodStats& b) { return a.name_space < b.name_space; });
  return methods;
}

}  // namespace vagus
