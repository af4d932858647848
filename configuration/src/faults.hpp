/// What is wrong with a file, gathered.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <vagus/configuration/configuration_error.hpp>

#include "document.hpp"

namespace vagus {

/// Gathers all faults of one file, so that who corrects it need not try again for each.
class Faults {
 public:
  explicit Faults(std::string file) : file_(std::move(file)) {}

  const std::string& file() const noexcept { return file_; }
  void add(const Place& place, const std::string& what);
  bool none() const noexcept { return lines_.empty(); }
  std::size_t count() const noexcept { return lines_.size(); }
  /// Throws ConfigurationError if there are any.
  void raise() const;

 private:
  struct Line {
    Place place;
    std::string what;
  };
  const std::string file_;
  std::vector<Line> lines_;
};

/// `mill.toml:12:3: `, or `mill.toml: ` of nowhere.
std::string place_text(const std::string& file, const Place& place);

}  // namespace vagus
