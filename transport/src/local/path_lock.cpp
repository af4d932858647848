#include "local/path_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "posix/system_error.hpp"

namespace vagus::transport::local {

namespace {

constexpr mode_t owner_only = 0600;

std::string lock_name(const std::string& path) { return path + ".lock"; }

posix::FileDescriptor open_lock_file(const std::string& name) {
  posix::FileDescriptor file{
      ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, owner_only)};
  if (!file) posix::throw_system_error("open", name, errno);
  return file;
}

/// Whether the file is still the one with this name: its former owner removes it while it holds the lock.
bool is_current(int fd, const std::string& name) {
  struct stat held {};
  struct stat named {};
  return ::fstat(fd, &held) == 0 && ::lstat(name.c_str(), &named) == 0 && held.st_dev == named.st_dev &&
         held.st_ino == named.st_ino;
}

/// None if somebody else holds it.
posix::FileDescriptor try_lock(const std::string& name) {
  while (true) {
    posix::FileDescriptor file = open_lock_file(name);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) == 0) {
      if (is_current(file.get(), name)) return file;
    } else if (errno == EWOULDBLOCK) {
      return {};
    } else if (errno != EINTR) {
      posix::throw_system_error("flock", name, errno);
    }
  }
}

}  // namespace

PathLock::PathLock(std::string path)
    : path_(std::move(path)), owner_(::getpid()), file_(try_lock(lock_name(path_))) {}

PathLock::PathLock(PathLock&& other) noexcept
    : path_(std::move(other.path_)),
      owner_(other.owner_),
      file_(std::move(other.file_)),
      made_(std::exchange(other.made_, false)) {}

PathLock::~PathLock() {
  // A child of fork() that destroys its copy takes nothing away from the process that listens.
  if (!held() || ::getpid() != owner_) return;
  if (made_) ::unlink(path_.c_str());
  ::unlink(lock_name(path_).c_str());
}

}  // namespace vagus::transport::local
