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

using Keys = std::set<std::string, std::less<>>;

/// By the program, of what there is and of what there is not.
struct AskedFor {
  Keys all;          ///< what is said of APIs and members, but for what follows
  Keys name_spaces;  ///< what APIs are called
  Keys peers;        ///< where they are bound to
};

/// Safe from any thread.
class ConfigurationData {
 public:
  explicit ConfigurationData(Settings settings) : settings_(std::move(settings)) {}

  const Settings& settings() const noexcept { return settings_; }

  /// The program has asked for an API or a member; null if the file does not know it.
  const ApiSettings* ask_for_api(std::string_view key) const;
  const MemberSettings* ask_for_member(std::string_view key) const;
  /// The same for an API and all that is in it, but for where it is bound to.
  void ask_for_all_of(const ApiSettings& api) const;
  /// The program has asked what an API, or a part of one, is called; or where it is bound to.
  void note_name_space(std::string_view key) const;
  void note_peer(std::string_view key) const;
  /// It is bound as the file says, and has the namespace that it says.
  void note_attached(const ApiSettings& api) const;

  /// That of `[api.KEY]`. Throws ConfigurationError if there is none.
  const ApiSettings& root_api(std::string_view key) const;

  /// Throws ConfigurationError if there is something that was not asked for.
  void check_used() const;

 private:
  void note(Keys AskedFor::*keys, std::string_view key) const;

  const Settings settings_;
  mutable Mutex mutex_;
  mutable AskedFor asked_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus::detail
