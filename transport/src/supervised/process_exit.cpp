#include <csignal>

#include <vagus/transport/process_exit.hpp>

namespace vagus {

namespace {

/// Those that end a process by default and that people meet; there is no portable function for it.
std::string name_of_signal(int signal) {
  switch (signal) {
    case SIGHUP:
      return "SIGHUP";
    case SIGINT:
      return "SIGINT";
    case SIGQUIT:
      return "SIGQUIT";
    case SIGILL:
      return "SIGILL";
    case SIGTRAP:
      return "SIGTRAP";
    case SIGABRT:
      return "SIGABRT";
    case SIGBUS:
      return "SIGBUS";
    case SIGFPE:
      return "SIGFPE";
    case SIGKILL:
      return "SIGKILL";
    case SIGUSR1:
      return "SIGUSR1";
    case SIGUSR2:
      return "SIGUSR2";
    case SIGSEGV:
      return "SIGSEGV";
    case SIGPIPE:
      return "SIGPIPE";
    case SIGALRM:
      return "SIGALRM";
    case SIGTERM:
      return "SIGTERM";
    case SIGXCPU:
      return "SIGXCPU";
    case SIGXFSZ:
      return "SIGXFSZ";
    case SIGSYS:
      return "SIGSYS";
    default:
      return "signal " + std::to_string(signal);
  }
}

}  // namespace

std::string ProcessExit::to_string() const {
  switch (how) {
    case How::exited:
      return "exited with " + std::to_string(code);
    case How::killed:
      return "was killed by " + name_of_signal(signal) + (core_dumped ? " (core dumped)" : "");
    case How::not_started:
      return "could not be started: " + why;
    case How::unknown:
      return "ended, it is not known how: " + why;
  }
  return "?";
}

}  // namespace vagus
