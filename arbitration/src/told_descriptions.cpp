#include "told_descriptions.hpp"

#include <utility>

namespace vagus {

std::shared_ptr<const Description> ToldDescriptions::find(const std::string& name_space,
                                                          std::uint64_t version) const {
  MutexLock lock(mutex_);
  const auto found = told_.find(name_space);
  return found != told_.end() && found->second.version == version ? found->second.description : nullptr;
}

void ToldDescriptions::keep(const std::string& name_space, std::uint64_t version,
                            std::shared_ptr<const Description> description) {
  MutexLock lock(mutex_);
  if (told_.size() >= most && told_.find(name_space) == told_.end()) told_.clear();
  told_[name_space] = {version, std::move(description)};
}

}  // namespace vagus
