#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include <vagus/testing/failed.hpp>
#include <vagus/testing/through.hpp>
#include <vagus/testing/transcript.hpp>

#include "record.hpp"
#include "recording.hpp"
#include "waiting.hpp"

namespace vagus::testing {

namespace {

/// With a space behind it.
std::string time_text(Duration since) {
  char text[32];
  std::snprintf(text, sizeof text, "[%.3f s] ", std::chrono::duration<double>(since).count());
  return text;
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + '\n';
  return text;
}

}  // namespace

void Transcript::Record::add(Spoken& spoken, const std::string& name, bool sent,
                             std::span<const std::byte> bytes) {
  MutexLock lock(mutex_);
  if (ended_) return;
  const auto line = spoken.line(sent, bytes);
  if (!line) return;
  std::string text = options_.times ? time_text(Deadline::now() - begun_) : std::string();
  if (!name.empty()) text += name + ' ';
  lines_.push_back(text + *line);
  changed_.notify_all();
}

void Transcript::Record::end() {
  MutexLock lock(mutex_);
  ended_ = true;
}

std::vector<std::string> Transcript::Record::lines() const {
  MutexLock lock(mutex_);
  return lines_;
}

void Transcript::Record::clear() {
  MutexLock lock(mutex_);
  lines_.clear();
}

bool Transcript::Record::has(std::string_view text) const {
  return std::any_of(lines_.begin(), lines_.end(),
                     [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

void Transcript::Record::wait_for(std::string_view text, Duration timeout) const {
  const TimePoint end = detail::end_of_waiting(timeout);
  MutexLock lock(mutex_);
  while (!has(text)) {
    if (changed_.wait_until(lock.native(), end) == std::cv_status::timeout && !has(text)) {
      throw Failed("no line of the transcript contains '" + std::string(text) + "':\n" + joined(lines_));
    }
  }
}

Transcript::Transcript(const TranscriptOptions& options) : record_(std::make_shared<Record>(options)) {}
Transcript::~Transcript() { record_->end(); }

Endpoint Transcript::record(const Endpoint& endpoint, std::string_view name) {
  return through(std::make_shared<RecordingTransport>(transport_of(endpoint), record_, std::string(name)),
                 endpoint);
}

std::vector<std::string> Transcript::lines() const { return record_->lines(); }
std::string Transcript::to_string() const { return joined(lines()); }
void Transcript::clear() { record_->clear(); }
void Transcript::wait_for(std::string_view text, Duration timeout) const { record_->wait_for(text, timeout); }

}  // namespace vagus::testing
