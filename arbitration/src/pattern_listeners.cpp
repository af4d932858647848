#include "pattern_listeners.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include <vagus/core/error.hpp>

#include "interest.hpp"

namespace vagus {

namespace {

std::vector<std::string> different(const PatternListeners::List& list) {
  std::set<std::string> texts;
  for (const auto& listener : list) texts.insert(listener->text);
  return {texts.begin(), texts.end()};
}

}  // namespace

std::size_t PatternListeners::count(const List& list, std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::count_if(list.begin(), list.end(), [&](const auto& listener) { return listener->text == text; }));
}

bool PatternListeners::add(std::shared_ptr<const Listener> listener) {
  MutexLock lock(mutex_);
  const bool first = count(*list_, listener->text) == 0;
  if (first && different(*list_).size() >= max_listened_patterns) {
    throw OverloadedError("this ApiArb listens to " + std::to_string(max_listened_patterns) +
                          " patterns, and peers take no more: one with ** may stand for several");
  }
  auto more = std::make_shared<List>(*list_);
  more->push_back(std::move(listener));
  list_ = std::move(more);
  any_.store(true, std::memory_order_release);  // PAIR any-pattern-listener
  return first;
}

bool PatternListeners::remove(const std::string& text, const detail::Handler* handler) {
  MutexLock lock(mutex_);
  auto fewer = std::make_shared<List>(*list_);
  std::erase_if(*fewer, [&](const auto& listener) { return listener->subscriber.handler.get() == handler; });
  if (fewer->size() == list_->size()) return false;
  list_ = std::move(fewer);
  any_.store(!list_->empty(), std::memory_order_release);  // PAIR any-pattern-listener
  return count(*list_, text) == 0;
}

std::shared_ptr<const PatternListeners::List> PatternListeners::all() const {
  if (!any()) return nullptr;
  MutexLock lock(mutex_);
  return list_;
}

std::vector<std::string> PatternListeners::patterns() const {
  MutexLock lock(mutex_);
  return different(*list_);
}

}  // namespace vagus
