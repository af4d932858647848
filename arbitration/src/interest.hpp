/// What peers tell each other of what they handle and hear: the parameters of `$interest`.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include <vagus/core/bytes.hpp>
#include <vagus/core/mutex.hpp>

#include "name_pattern.hpp"
#include "routing_table.hpp"

namespace vagus {

/// So many different patterns of events one side listens to at most: its peers look at all of them for each
/// event that they send.
inline constexpr std::size_t max_listened_patterns = 256;

/// One announcement; absent lists mean no change.
struct Interest {
  std::vector<std::string> handles;
  std::vector<std::string> unhandles;
  std::vector<std::string> listens;
  std::vector<std::string> unlistens;
  std::vector<std::string> listens_to;  ///< patterns
  std::vector<std::string> unlistens_to;
  std::vector<std::string> roots;
  std::vector<std::string> unroots;
  std::vector<std::string> hooks;  ///< APIs that have a hook for what nothing handles
  std::vector<std::string> unhooks;
  /// What those of `handles` and `listens` are on the wire that their side has declared:
  /// MemberDescription::shape.
  NameMap<std::uint64_t> shapes;
  std::optional<bool> catches_all;  ///< the ApiArb has one, whatever the namespace
  bool complete = false;            ///< the first picture is complete: the link is open
};

/// Messages of at most some hundred names each; the last one says `complete` if the interest does.
std::vector<Bytes> encode(const Interest& interest);
/// Reads the array of parameters. Throws wire::DecodeError.
Interest decode_interest(std::span<const std::byte> params);

/// What one peer has announced. Safe from any thread.
class PeerInterest {
 public:
  void apply(const Interest& interest);
  bool handles(std::string_view name_space) const;
  bool listens(std::string_view name_space) const;
  /// Does one of the patterns that it listens to match?
  bool listens_by_pattern(std::string_view name_space) const;
  /// Does one of its APIs own the namespace?
  bool owns(std::string_view name_space) const;
  /// Does it own the namespace, or handle anything at it or below it?
  bool has_any_of(std::string_view name_space) const;
  /// Another one after each announcement.
  std::uint64_t version() const noexcept {
    return version_.load(std::memory_order_relaxed);  // only compared; what was announced is under mutex_
  }
  /// Does one of its APIs that own the namespace have a hook for what nothing handles?
  bool hooks(std::string_view name_space) const;
  /// Does its ApiArb have one?
  bool catches_all() const;
  /// The shape of what it handles or listens to; 0 if it has not declared it.
  std::uint64_t shape(std::string_view name_space) const;
  /// Some of it is of another shape than on this side.
  void note_difference() noexcept { differs_.store(true, std::memory_order_relaxed); }
  bool may_differ() const noexcept {
    return differs_.load(
        std::memory_order_relaxed);  // what is compared before the link opens is seen by its users
  }
  /// The names of all APIs that it has or has had.
  std::set<std::string> roots_so_far() const;

 private:
  using Names = std::unordered_set<std::string, NameHash, std::equal_to<>>;
  mutable Mutex mutex_;
  Names handles_ VAGUS_GUARDED_BY(mutex_);
  Names listens_ VAGUS_GUARDED_BY(mutex_);
  std::map<std::string, NamePattern> patterns_ VAGUS_GUARDED_BY(mutex_);
  std::atomic<bool> any_pattern_{false};  // is there anything in patterns_? Written under mutex_
  Names hooks_ VAGUS_GUARDED_BY(mutex_);
  NameMap<std::uint64_t> shapes_ VAGUS_GUARDED_BY(mutex_);
  std::atomic<bool> differs_{false};
  std::atomic<std::uint64_t> version_{0};
  bool catches_all_ VAGUS_GUARDED_BY(mutex_) = false;
  // Each as often as it was announced. Ordered: no choice of names makes it slow to take one out.
  std::multiset<std::string, std::less<>> roots_ VAGUS_GUARDED_BY(mutex_);
  std::set<std::string> roots_so_far_ VAGUS_GUARDED_BY(mutex_);
};

}  // namespace vagus
