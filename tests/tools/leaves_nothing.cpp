// leaves_nothing COMMAND [ARGUMENT...]
//
// Runs a program, and fails if the program fails or leaves a process, shared memory or a file in the
// temporary directory. What else a program holds ends with it.
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>

#include "support/holdings.hpp"

namespace {

using vagus::testing::Holdings;

/// The exit code, as a shell would put it.
int run(char** command) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execvp(command[0], command);
    std::fprintf(stderr, "%s: %s\n", command[0], std::strerror(errno));
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(child, &status, 0) == -1) {
    if (errno != EINTR) return 1;
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// Orphans of the program become children of this process. Those that have ended by now are forgotten.
Holdings look(const std::string& temporary_directory) {
  while (::waitpid(-1, nullptr, WNOHANG) > 0) {
  }
  return vagus::testing::look_at_this_process(temporary_directory);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: leaves_nothing COMMAND [ARGUMENT...]\n");
    return 2;
  }
  if (::prctl(PR_SET_CHILD_SUBREAPER, 1) == -1) {
    std::perror("leaves_nothing");
    return 2;
  }
  const std::string temporary_directory = vagus::testing::use_own_temporary_directory();
  const Holdings before = look(temporary_directory);
  int code = run(argv + 1);

  const Holdings after = settled(before, [&] { return look(temporary_directory); });
  const std::string left = left_over(before, after);
  if (!left.empty()) {
    std::fprintf(stderr, "%s leaves behind:\n%s", argv[1], left.c_str());
    if (code == 0) code = 1;
  }
  clear_away(before, after);
  std::filesystem::remove_all(temporary_directory);
  return code;
}
