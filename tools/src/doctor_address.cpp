// Addresses on this machine.

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <vector>

#include <pwd.h>

#include <vagus/core/suggestions.hpp>

#include "doctor_checks.hpp"

namespace vagus::tools {

namespace {

using transport::Credentials;
using transport::LocalAddress;

std::string user_text(std::int64_t id) {
  const passwd* const entry = id >= 0 ? ::getpwuid(static_cast<uid_t>(id)) : nullptr;
  return entry != nullptr ? std::string(entry->pw_name) + " (" + std::to_string(id) + ")"
                          : "user " + std::to_string(id);
}

std::string process_text(const Credentials& process) {
  if (process.process_id <= 0) return "a process that does not say which";
  std::string command;
  std::getline(std::ifstream("/proc/" + std::to_string(process.process_id) + "/comm"), command);
  return "process " + std::to_string(process.process_id) + (command.empty() ? "" : " (" + command + ")") +
         " of " + user_text(process.user_id);
}

std::string octal(unsigned mode) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), "%04o", mode);
  return text.data();
}

/// Of those that somebody listens at.
std::string others_like(const Url& url) {
  std::vector<std::string> others;
  for (const LocalAddress& other : transport::local_addresses()) {
    if (other.listener) others.push_back(other.url.to_string());
  }
  const std::string near = nearest_name(Url{url.scheme, url.address, {}}.to_string(), others);
  if (!near.empty()) return "; did you mean " + near + "?";
  if (others.empty()) return "; no other body runs here for this user";
  return "; vagus list shows those that run here";
}

void check_path(Diagnosis& diagnosis, const LocalAddress& address) {
  const std::string& path = address.path;
  if (!address.folder_there) {
    diagnosis.wrong("the folder of " + path + " is not there, or may not be looked into",
                    "make it, or correct the path", ExitCode::not_connected);
  } else if (!address.file_there) {
    diagnosis.wrong(path + " is not there: nobody listens",
                    "start the body with this URL" + others_like(address.url), ExitCode::not_connected);
  } else if (!address.is_socket) {
    diagnosis.wrong(path + " is there, but it is no socket", "correct the path, or move that file away",
                    ExitCode::not_connected);
  } else if (!address.may_be_opened) {
    diagnosis.wrong(
        path + " belongs to " + user_text(address.user_id) + ", mode " + octal(address.mode) + ": " +
            user_text(::geteuid()) + " may not open it",
        "run this as that user, or let the body listen with ?mode=0660&group=NAME and groups=NAME",
        ExitCode::denied);
  } else {
    diagnosis.ok(path + " is a socket of " + user_text(address.user_id) + ", mode " + octal(address.mode) +
                 ", which this user may open");
  }
}

void check_listener(Diagnosis& diagnosis, const LocalAddress& address) {
  if (address.listener) {
    diagnosis.ok(process_text(*address.listener) + " listens there");
  } else if (address.stale) {
    diagnosis.wrong("nobody listens there: the file was left behind by a body that was killed",
                    "start the body: it takes the place of the file, nothing has to be removed" +
                        others_like(address.url),
                    ExitCode::not_connected);
  } else if (address.path.empty() && address.url.scheme == "shm") {
    diagnosis.wrong("nobody of " + user_text(::geteuid()) + " listens there",
                    "start the body with this URL, as the same user: names of shm:// are each user's own" +
                        others_like(address.url),
                    ExitCode::not_connected);
  } else {
    diagnosis.wrong("nobody listens there", "start the body with this URL" + others_like(address.url),
                    ExitCode::not_connected);
  }
}

/// `T` for one that is halted, see proc(5); 0 if it cannot be seen.
char state_of(std::int64_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t end = text.rfind(") ");  // the name before may have any characters
  return end == std::string::npos || end + 2 >= text.size() ? '\0' : text[end + 2];
}

}  // namespace

std::optional<LocalAddress> check_address(Diagnosis& diagnosis, const Url& url) {
  if (!transport::is_local(url)) return std::nullopt;
  try {
    LocalAddress address = transport::look_at(url);
    if (!address.path.empty()) check_path(diagnosis, address);
    if (diagnosis.all_is_well()) check_listener(diagnosis, address);
    return address;
  } catch (const ApiParamError& error) {
    diagnosis.wrong(error.what(), "correct the URL", ExitCode::usage);
    return std::nullopt;
  }
}

std::string silence_remedy(const Credentials& listener) {
  const std::string process = std::to_string(listener.process_id);
  switch (state_of(listener.process_id)) {
    case 'T':
      return "process " + process + " is halted: kill -CONT " + process + " lets it go on";
    case 't':
      return "process " + process + " is held by a debugger";
    case 'D':
      return "process " + process + " waits in the kernel, for a disk or the network";
    default:
      return "is it too busy, or do all its threads hang? A debugger, or gdb -p " + process + ", tells where";
  }
}

void check_offer(Diagnosis& diagnosis, const Description& told) {
  const auto handled = std::count_if(told.members.begin(), told.members.end(),
                                     [](const MemberDescription& member) { return member.handled; });
  const auto events = std::count_if(told.members.begin(), told.members.end(),
                                    [](const MemberDescription& member) { return member.event; });
  if (told.members.empty()) {
    diagnosis.note("it offers nothing that this side may know of",
                   "either it has no API yet, or its permissions are for others, see --user");
    return;
  }
  const auto counted = [](std::ptrdiff_t count, const std::string& what) {
    return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
  };
  diagnosis.ok("it offers " + counted(handled, "method") + " that it handles, and " +
               counted(events, "event"));
}

}  // namespace vagus::tools
