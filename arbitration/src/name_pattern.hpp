/// Patterns for namespaces.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vagus {

/// Names with dots between them, of which `*` stands for any one and `**` for any number, none included:
/// `machine.**` is the API `machine` and all below it, `*.status` the method `status` of any root API.
/// Immutable.
class NamePattern {
 public:
  /// Throws ApiParamError that says which part is wrong, and for what is longer than any name.
  explicit NamePattern(std::string_view pattern);

  /// Has it no `*`?
  bool is_one_name() const noexcept;
  /// Is it `**`?
  bool is_everything() const noexcept;
  bool matches(std::string_view name_space) const noexcept;
  /// Could it match `root`, or something below it?
  bool reaches_into(std::string_view root) const noexcept;
  /// Is there a name that both match?
  bool overlaps(const NamePattern& other) const;

 private:
  std::vector<std::string> parts_;
};

}  // namespace vagus
