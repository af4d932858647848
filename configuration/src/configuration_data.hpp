/// What a Configuration and its copies share.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <vagus/core/mutex.hpp>

#include "settings.hpp"

namespace vagus::detail {

/// Safe from any thread.
class ConfigurationData {
 public:
  explicit ConfigurationData(Settings settings) : settings_(std::move(settings)) {}

  const Settings& settings() const noexcept { return settings_; }

  /// The program has asked for an API or a member; null if the file does not know it.
  const ApiSettings* ask_for_api(std::string_view key) const;
  const MemberSettings* ask_for_member(std::string_view key) const;
  /// The same for an API and all that is in it.
  void ask_for_all_of(const ApiSettings& api) const;

  /// Throws ConfigurationError if there is something that was not asked for.
  void check_used() const;

 private:
  void note(std::string_view key) const;

  const Settings settings_;
  mutable Mutex mutex_;
  mutable std::set<std::string, std::less<>> asked_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::detail
