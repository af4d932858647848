#include "command_line.hpp"
#include "completion.hpp"

int main(int argc, char** argv) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  vagus::tools::CommandLine command_line;
  // By the scripts of shells. What follows is not finished, and means nothing to the command line.
  if (!words.empty() && words.front() == "complete") {
    vagus::tools::print_completions(command_line.app(), {words.begin() + 1, words.end()});
    return 0;
  }
  return command_line.run(words);
}
