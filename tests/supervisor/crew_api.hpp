#pragma once

#include <string>
#include <vector>

#include <vagus/vagus.hpp>

namespace vagus::testing {

/// What the bodies of these tests can do: see tests/tools/supervised_body.cpp.
class CrewApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  Method<int(int)> twice{this, "twice"};
  Method<int()> process_id{this, "process_id"};
  Method<void(int)> exit_with{this, "exit_with", "Ends the process at once, without an answer."};
  Method<void(int)> raise{this, "raise", "Sends the process a signal, and does not answer."};
  Method<std::vector<std::string>()> descriptors{this, "descriptors", "What each open one refers to."};
  Method<std::vector<std::string>()> arguments{this, "arguments", "Of the command line."};
  Method<std::string(std::string)> variable{this, "variable", "Of the environment."};
  Method<std::string()> directory{this, "directory"};
  Method<std::vector<int>()> ignored_signals{this, "ignored_signals", "And blocked ones."};
};

}  // namespace vagus::testing
