/// Who in this process handles and hears what.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <vagus/api/api_root.hpp>
#include <vagus/core/gate.hpp>
#include <vagus/core/mutex.hpp>

#include "intake.hpp"

namespace vagus {

/// One API that is attached, or what stands in the place of one.
struct Attachment {
  std::shared_ptr<detail::ApiRoot> root;  ///< null: it is none, and not in the table
  std::shared_ptr<Intake> intake;
  std::string peer;  ///< the endpoint it is bound to; empty: to none
  std::shared_ptr<detail::Gate> gate = std::make_shared<detail::Gate>();  ///< open while it is attached
  /// Its ApiArb stops: what has not begun by then does not. Relaxed: set before the gate is shut, and looked
  /// at once more by whoever finds that shut.
  std::atomic<bool> stopping{false};
  bool announced = false;  ///< to whoever asks for names; guarded by the table's mutex
};

/// For looking names up by std::string_view.
struct NameHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view name) const noexcept { return std::hash<std::string_view>{}(name); }
};
template <typename T>
using NameMap = std::unordered_map<std::string, T, NameHash, std::equal_to<>>;

/// Who handles a namespace.
struct Route {
  std::shared_ptr<const std::string> name_space;
  std::shared_ptr<Attachment> attachment;
  std::shared_ptr<detail::HandlerSlot> slot;
};

/// Who hears a namespace. Never changed, but replaced.
struct Heard {
  std::shared_ptr<const std::string> name_space;
  std::vector<std::shared_ptr<Attachment>> by;
};

/// The one table of an arbitrator: each look-up is O(1) in the number of APIs and methods. Safe from any
/// thread.
class RoutingTable {
 public:
  void add(const std::shared_ptr<Attachment>& attachment);
  /// From now on its own names are among those of all; false if it is not there any more.
  bool announce(const detail::ApiRoot& root);
  /// The attachment, out of the table together with all that it handles and hears; null if it is not there.
  /// The names that nobody handles, or hears, any more are given back.
  struct Removed {
    std::shared_ptr<Attachment> attachment;
    std::vector<std::string> handled;
    std::vector<std::string> heard;
  };
  Removed remove(const detail::ApiRoot& root);
  std::shared_ptr<Attachment> find(const detail::ApiRoot& root) const;
  std::vector<std::shared_ptr<Attachment>> all() const;

  /// Throws MultipleApiResponseError.
  void claim(const detail::ApiRoot& root, const std::string& name_space,
             const std::shared_ptr<detail::HandlerSlot>& slot);
  /// True if it was handled by this API.
  bool unclaim(const detail::ApiRoot& root, const std::string& name_space) noexcept;
  /// The route; null if nothing handles it.
  std::shared_ptr<const Route> route(std::string_view name_space) const;
  bool handles(std::string_view name_space) const;

  /// True if it is the first to hear it.
  bool listen(const detail::ApiRoot& root, const std::string& name_space);
  /// True if it was the last.
  bool unlisten(const detail::ApiRoot& root, const std::string& name_space) noexcept;
  /// Null if nobody listens.
  std::shared_ptr<const Heard> listeners(std::string_view name_space) const;

  /// The attached API whose namespace it lies in, the deepest one if several; null if none.
  std::shared_ptr<Attachment> owner(std::string_view name_space) const;

  std::vector<std::string> handled_names() const;
  std::vector<std::string> heard_names() const;
  /// Of the announced APIs that have a namespace.
  std::vector<std::string> root_names() const;
  /// Of the announced APIs, those that have a hook for what nothing handles.
  std::set<std::string> hooked_names() const;

 private:
  using Listeners = NameMap<std::shared_ptr<const Heard>>;
  /// The entry without an attachment; true if nobody is left in it.
  template <typename Hears>
  static bool without(std::shared_ptr<const Heard>& heard, const Hears& hears);
  std::shared_ptr<Attachment> find_locked(const detail::ApiRoot& root) const VAGUS_REQUIRES(mutex_);

  mutable Mutex mutex_;
  std::vector<std::shared_ptr<Attachment>> attachments_ VAGUS_GUARDED_BY(mutex_);
  // Is there anything in routes_? Written under mutex_. Relaxed: routes_ itself is read under it.
  std::atomic<bool> any_route_{false};
  NameMap<std::shared_ptr<const Route>> routes_ VAGUS_GUARDED_BY(mutex_);
  Listeners listeners_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
