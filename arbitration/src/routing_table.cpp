#include "routing_table.hpp"

#include <algorithm>
#include <utility>

#include <vagus/core/error.hpp>
#include <vagus/core/name.hpp>

namespace vagus {

void RoutingTable::add(const std::shared_ptr<Attachment>& attachment) {
  MutexLock lock(mutex_);
  attachments_.push_back(attachment);
}

bool RoutingTable::announce(const detail::ApiRoot& root) {
  MutexLock lock(mutex_);
  const auto attachment = find_locked(root);
  if (attachment) attachment->announced = true;
  return attachment != nullptr;
}

std::shared_ptr<Attachment> RoutingTable::find_locked(const detail::ApiRoot& root) const {
  const auto found = std::find_if(attachments_.begin(), attachments_.end(),
                                  [&](const auto& attachment) { return attachment->root.get() == &root; });
  return found == attachments_.end() ? nullptr : *found;
}

std::shared_ptr<Attachment> RoutingTable::find(const detail::ApiRoot& root) const {
  MutexLock lock(mutex_);
  return find_locked(root);
}

std::vector<std::shared_ptr<Attachment>> RoutingTable::all() const {
  MutexLock lock(mutex_);
  return attachments_;
}

RoutingTable::Removed RoutingTable::remove(const detail::ApiRoot& root) {
  Removed removed;
  MutexLock lock(mutex_);
  removed.attachment = find_locked(root);
  if (!removed.attachment) return removed;
  std::erase(attachments_, removed.attachment);
  for (auto route = routes_.begin(); route != routes_.end();) {
    if (route->second->attachment != removed.attachment) {
      ++route;
      continue;
    }
    removed.handled.push_back(route->first);
    route = routes_.erase(route);
  }
  any_route_.store(!routes_.empty(), std::memory_order_relaxed);
  const auto is_removed = [&](const auto& attachment) { return attachment == removed.attachment; };
  for (auto heard = listeners_.begin(); heard != listeners_.end();) {
    if (!without(heard->second, is_removed)) {
      ++heard;
      continue;
    }
    removed.heard.push_back(heard->first);
    heard = listeners_.erase(heard);
  }
  return removed;
}

void RoutingTable::claim(const detail::ApiRoot& root, const std::string& name_space,
                         const std::shared_ptr<detail::HandlerSlot>& slot) {
  MutexLock lock(mutex_);
  const auto attachment = find_locked(root);
  if (!attachment) return;  // detached meanwhile: there is nobody to handle it for
  const auto found = routes_.find(name_space);
  if (found == routes_.end()) {
    routes_.emplace(name_space, std::make_shared<const Route>(Route{
                                    std::make_shared<const std::string>(name_space), attachment, slot}));
    any_route_.store(true, std::memory_order_relaxed);
    return;
  }
  const Attachment& other = *found->second->attachment;
  if (&other == attachment.get()) return;
  throw MultipleApiResponseError(name_space +
                                     " is handled by another API of this ApiArb already; its root is \"" +
                                     other.root->name_space() + "\"",
                                 {name_space});
}

bool RoutingTable::unclaim(const detail::ApiRoot& root, const std::string& name_space) noexcept {
  MutexLock lock(mutex_);
  const auto found = routes_.find(name_space);
  if (found == routes_.end() || found->second->attachment->root.get() != &root) return false;
  routes_.erase(found);
  any_route_.store(!routes_.empty(), std::memory_order_relaxed);
  return true;
}

std::shared_ptr<const Route> RoutingTable::route(std::string_view name_space) const {
  MutexLock lock(mutex_);
  const auto found = routes_.find(name_space);
  return found == routes_.end() ? nullptr : found->second;
}

bool RoutingTable::handles(std::string_view name_space) const {
  if (!any_route_.load(std::memory_order_relaxed)) return false;
  MutexLock lock(mutex_);
  return routes_.find(name_space) != routes_.end();
}

bool RoutingTable::listen(const detail::ApiRoot& root, const std::string& name_space) {
  MutexLock lock(mutex_);
  const auto attachment = find_locked(root);
  if (!attachment) return false;
  auto& heard = listeners_[name_space];
  auto more = heard ? std::make_shared<Heard>(*heard)
                    : std::make_shared<Heard>(Heard{std::make_shared<const std::string>(name_space), {}});
  more->by.push_back(attachment);
  heard = std::move(more);
  return heard->by.size() == 1;
}

template <typename Hears>
bool RoutingTable::without(std::shared_ptr<const Heard>& heard, const Hears& hears) {
  if (std::none_of(heard->by.begin(), heard->by.end(), hears)) return false;
  auto fewer = std::make_shared<Heard>(*heard);
  std::erase_if(fewer->by, hears);
  heard = std::move(fewer);
  return heard->by.empty();
}

bool RoutingTable::unlisten(const detail::ApiRoot& root, const std::string& name_space) noexcept {
  MutexLock lock(mutex_);
  const auto found = listeners_.find(name_space);
  if (found == listeners_.end()) return false;
  const auto is_of_root = [&](const auto& attachment) { return attachment->root.get() == &root; };
  if (!without(found->second, is_of_root)) return false;
  listeners_.erase(found);
  return true;
}

std::shared_ptr<const Heard> RoutingTable::listeners(std::string_view name_space) const {
  MutexLock lock(mutex_);
  const auto found = listeners_.find(name_space);
  return found == listeners_.end() ? nullptr : found->second;
}

std::shared_ptr<Attachment> RoutingTable::owner(std::string_view name_space) const {
  MutexLock lock(mutex_);
  std::shared_ptr<Attachment> deepest;
  for (const auto& attachment : attachments_) {
    const std::string& own = attachment->root->name_space();
    if (is_within(name_space, own) && (!deepest || own.size() > deepest->root->name_space().size())) {
      deepest = attachment;
    }
  }
  return deepest;
}

std::vector<std::string> RoutingTable::handled_names() const {
  MutexLock lock(mutex_);
  std::vector<std::string> names;
  names.reserve(routes_.size());
  for (const auto& [name, route] : routes_) names.push_back(name);
  return names;
}

std::vector<std::string> RoutingTable::heard_names() const {
  MutexLock lock(mutex_);
  std::vector<std::string> names;
  names.reserve(listeners_.size());
  for (const auto& [name, listeners] : listeners_) names.push_back(name);
  return names;
}

std::set<std::string> RoutingTable::hooked_names() const {
  std::vector<std::shared_ptr<detail::ApiRoot>> roots;  // asked outside of the lock
  {
    MutexLock lock(mutex_);
    for (const auto& attachment : attachments_) {
      if (attachment->announced) roots.push_back(attachment->root);
    }
  }
  std::set<std::string> names;
  for (const auto& root : roots) {
    for (std::string& name : root->hooked_names()) names.insert(std::move(name));
  }
  names.erase("");  // that of an API without a namespace is nobody's name
  return names;
}

std::vector<std::string> RoutingTable::root_names() const {
  MutexLock lock(mutex_);
  std::vector<std::string> names;
  for (const auto& attachment : attachments_) {
    const std::string& name_space = attachment->root->name_space();
    if (attachment->announced && !name_space.empty()) names.push_back(name_space);
  }
  return names;
}

}  // namespace vagus
