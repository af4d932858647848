// What this process has around it.

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

#include "doctor_checks.hpp"
#include "figures.hpp"

namespace vagus::tools {

namespace {

constexpr rlim_t few_descriptors = 256;
constexpr std::uint64_t little_memory = std::uint64_t{64} << 20;

void check_descriptors(Diagnosis& diagnosis) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const std::string many = limit.rlim_cur == RLIM_INFINITY ? "any number of" : std::to_string(limit.rlim_cur);
  if (limit.rlim_cur < few_descriptors) {
    diagnosis.note(
        "a process here may have " + many + " open files only",
        "a body with many peers needs several for each: ulimit -n 4096, or LimitNOFILE= of systemd");
  } else {
    diagnosis.ok("a process here may have " + many + " open files");
  }
}

/// Of a line such as `MemAvailable:   123456 kB`.
std::uint64_t available_memory() {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string name;
    std::uint64_t kibibytes = 0;
    if (fields >> name >> kibibytes && name == "MemAvailable:") return kibibytes * 1024;
  }
  return std::numeric_limits<std::uint64_t>::max();
}

void check_memory(Diagnosis& diagnosis) {
  const std::uint64_t available = available_memory();
  if (available == std::numeric_limits<std::uint64_t>::max()) return;
  const std::string text = size_text(static_cast<double>(available)) + " of memory are available";
  if (available < little_memory) {
    diagnosis.note(text, "links over shm:// take some of it for each peer: see ?ring in the URL");
  } else {
    diagnosis.ok(text);
  }
}

void check_runtime_folder(Diagnosis& diagnosis) {
  const char* const folder = std::getenv("XDG_RUNTIME_DIR");
  const std::string where = "XDG_RUNTIME_DIR";
  struct stat facts {};
  if (folder == nullptr || *folder == '\0') {
    diagnosis.note(where + " is not set", "no matter, unless URLs are made of it: /run/user/" +
                                              std::to_string(::geteuid()) + " is the usual one");
  } else if (::stat(folder, &facts) != 0 || !S_ISDIR(facts.st_mode)) {
    diagnosis.note(where + " is " + folder + ", which is no folder",
                   "log in anew, or make it with mode 0700");
  } else if (::access(folder, W_OK | X_OK) != 0) {
    diagnosis.note(where + " is " + folder + ", in which this user may not make sockets",
                   "has it been kept from another user, by su or sudo?");
  } else {
    diagnosis.ok(where + " is " + folder + ", in which this user may make sockets");
  }
}

/// By way of trial: what is not allowed here, the system says best itself.
void check_shared_memory(Diagnosis& diagnosis) {
  const std::string url = "shm://vagus-doctor-" + std::to_string(::getpid());
  try {
    ApiArb body(listen(url), {.name = "doctor"});
    body.start();
    ApiArb head(connect(url), {.name = "doctor"});
    head.wait_open(std::chrono::seconds(10));
    static_cast<void>(head.ping(head.peers().at(0), std::chrono::seconds(10)));
    diagnosis.ok("links over shared memory can be made here");
  } catch (const std::exception& error) {
    diagnosis.wrong(std::string("no link over shared memory can be made here: ") + error.what(),
                    "does a container or a sandbox keep it from making memory files and UNIX sockets?",
                    ExitCode::failed);
  }
}

}  // namespace

void check_surroundings(Diagnosis& diagnosis) {
  check_shared_memory(diagnosis);
  check_descriptors(diagnosis);
  check_memory(diagnosis);
  check_runtime_folder(diagnosis);
}

}  // namespace vagus::tools
