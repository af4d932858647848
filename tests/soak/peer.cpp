#include "soak/peer.hpp"

#include <poll.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>

namespace vagus::soak {

namespace {

// So often, and with so many milliseconds between, it is looked whether a process has ended: 10 s in which
// this process, and so the machine, was there. By the clock alone a machine that is halted for a while would
// end the test.
constexpr int looks_for_end = 2000;
constexpr int between_looks_ms = 5;

std::string first_line(const std::filesystem::path& file) {
  std::string line;
  std::getline(std::ifstream(file), line);
  return line;
}

/// Of each thread its name, what it sleeps in, and its system call with its arguments, as far as the kernel
/// tells.
std::string threads_of(pid_t process) {
  std::string text;
  std::error_code gone;
  const std::filesystem::path threads = "/proc/" + std::to_string(process) + "/task";
  for (const auto& thread : std::filesystem::directory_iterator(threads, gone)) {
    text += "\n  " + first_line(thread.path() / "comm") + ": " + first_line(thread.path() / "wchan") + ", " +
            first_line(thread.path() / "syscall");
  }
  return text;
}

}  // namespace

Peer::Peer(const std::string& role, const std::string& url)
    : role_(role), child_({"--process", role, url}, {}) {}

void Peer::look_for_faults() {
  bool closed = false;
  while (const auto line = child_.channel().receive_what_came(closed)) {
    if (line->starts_with("fault ")) throw std::runtime_error(role_ + ": " + line->substr(6));
  }
}

void Peer::check() {
  look_for_faults();
  child_.look();
  if (child_.ended()) throw std::runtime_error(role_ + " has ended with " + std::to_string(child_.status()));
}

void Peer::end_in_order() {
  check();
  child_.channel().send("end");
  for (int look = 0; look < looks_for_end && !child_.ended(); ++look) {
    ::poll(nullptr, 0, between_looks_ms);
    child_.look();
  }
  if (!child_.ended()) throw std::runtime_error(role_ + " does not end" + threads_of(child_.id()));
  look_for_faults();
  if (child_.status() != 0)
    throw std::runtime_error(role_ + " ended with " + std::to_string(child_.status()));
}

}  // namespace vagus::soak
