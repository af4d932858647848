/// What a peer has told of itself, for who asks again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <vagus/api/description.hpp>
#include <vagus/core/mutex.hpp>

namespace vagus {

/// Those of one link, each as long as the peer has announced nothing since it was asked. Safe from any
/// thread.
class ToldDescriptions {
 public:
  /// Null if there is none of this namespace that was asked for at this version of its announcements.
  std::shared_ptr<const Description> find(const std::string& name_space, std::uint64_t version) const;
  void keep(const std::string& name_space, std::uint64_t version,
            std::shared_ptr<const Description> description);

 private:
  struct Told {
    std::uint64_t version = 0;
    std::shared_ptr<const Description> description;
  };
  // A program that makes up namespaces without end asks for each of them anew.
  static constexpr std::size_t most = 64;

  mutable Mutex mutex_;
  std::map<std::string, Told> told_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
