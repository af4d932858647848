#include "cache.hpp"

#include <utility>

namespace pi {

std::shared_ptr<const std::string> Cache::find(std::int64_t digits) const noexcept {
  return longest_ && longest_->size() >= text_length(digits) ? longest_ : nullptr;
}

void Cache::add(std::shared_ptr<const std::string> text) noexcept {
  if (text->size() > max_bytes_ || (longest_ && text->size() <= longest_->size())) return;
  longest_ = std::move(text);
}

}  // namespace pi
