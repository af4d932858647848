/// What `vagus doctor` has looked at, and found.
#pragma once

#include <string>
#include <vector>

#include "exit_codes.hpp"

namespace vagus::tools {

/// Findings in their order, each printed as soon as it is known.
class Diagnosis {
 public:
  /// `json`: nothing is printed before finish().
  explicit Diagnosis(bool json) : json_(json) {}

  void ok(const std::string& what) { add({"ok", what, {}}); }
  /// Nothing that keeps anybody from connecting.
  void note(const std::string& what, const std::string& remedy) { add({"note", what, remedy}); }
  /// The first of these decides how the command ends.
  void wrong(const std::string& what, const std::string& remedy, ExitCode code);

  bool all_is_well() const noexcept { return code_ == ExitCode::done; }
  ExitCode finish() const;

 private:
  struct Finding {
    std::string kind;
    std::string what;
    std::string remedy;  ///< what to do about it; empty: nothing
  };
  void add(Finding finding);

  const bool json_;
  ExitCode code_ = ExitCode::done;
  std::vector<Finding> findings_;
};

}  // namespace vagus::tools
