#include <algorithm>

#include <vagus/wire/type_shape.hpp>

namespace vagus::wire {

bool TypeWalk::add_outer(std::type_index type) {
  const auto found = std::find(open_.rbegin(), open_.rend(), type);
  if (found == open_.rend()) return false;
  text_ += '^' + std::to_string(found - open_.rbegin());
  return true;
}

void TypeWalk::note(TypeDescription description) {
  if (std::find(types_.begin(), types_.end(), description) == types_.end()) {
    types_.push_back(std::move(description));
  }
}

std::uint64_t shape_hash(std::string_view text) noexcept {
  constexpr std::uint64_t offset_basis = 14'695'981'039'346'656'037u;
  constexpr std::uint64_t prime = 1'099'511'628'211u;
  std::uint64_t hash = offset_basis;
  for (const char character : text) {
    hash ^= static_cast<unsigned char>(character);
    hash *= prime;
  }
  return hash;
}

}  // namespace vagus::wire
