#include "posix/memory_file.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <cerrno>
#include <string>

#include <vagus/core/error.hpp>

#include "posix/system_error.hpp"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

namespace vagus::transport::posix {

namespace {

constexpr int size_seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
constexpr int all_seals = size_seals | F_SEAL_FUTURE_WRITE;

void add_seals(int fd, int seals) {
  if (::fcntl(fd, F_ADD_SEALS, seals) != 0) throw_system_error("fcntl", "F_ADD_SEALS", errno);
}

[[noreturn]] void refuse(const std::string& what) {
  throw ProtocolError("the peer's shared memory is not usable: " + what);
}

}  // namespace

FileDescriptor create_memory_file(const char* label, std::size_t size) {
  constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  FileDescriptor file{::memfd_create(label, flags | MFD_NOEXEC_SEAL)};
  // Kernels before 6.3 do not know MFD_NOEXEC_SEAL.
  if (!file && errno == EINVAL) file = FileDescriptor{::memfd_create(label, flags)};
  if (!file) throw_system_error("memfd_create", label, errno);
  // Beyond this limit the system would end the process by a signal.
  rlimit limit{};
  if (::getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < size) {
    throw_system_error("ftruncate", std::to_string(size) + " bytes, over the limit on file size", EFBIG);
  }
  if (::ftruncate(file.get(), static_cast<off_t>(size)) != 0) {
    throw_system_error("ftruncate", std::to_string(size), errno);
  }
  return file;
}

void seal_memory_file(int fd) { add_seals(fd, all_seals); }

FileDescriptor seal_size_of_memory_file(int fd) {
  add_seals(fd, size_seals);
  // F_SEAL_FUTURE_WRITE would forbid to give pages back, to us too.
  if (::fchmod(fd, S_IRUSR | S_IRGRP | S_IROTH) != 0) throw_system_error("fchmod", "memory file", errno);
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  FileDescriptor readable{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!readable) throw_system_error("open", path, errno);
  return readable;
}

void check_sealed_memory_file(int fd, std::size_t size, bool size_only) {
  const int required_seals = size_only ? size_seals : all_seals;
  // First the seals: only memory files have them, so that what follows asks the kernel alone. fstat on a file
  // of some file system in user space would wait for that one's daemon.
  const int seals = ::fcntl(fd, F_GET_SEALS);
  if (seals < 0) refuse(describe("fcntl", "F_GET_SEALS", errno));
  if ((seals & required_seals) != required_seals) {
    refuse("its seals are " + std::to_string(seals) + ", at least " + std::to_string(required_seals) +
           " are needed");
  }
  // Huge pages can run out when they are touched, which kills whoever touches them.
  struct statfs file_system {};
  if (::fstatfs(fd, &file_system) != 0) refuse(describe("fstatfs", "memory file", errno));
  if (file_system.f_type != TMPFS_MAGIC) refuse("it is not made of ordinary pages");
  struct stat facts {};
  if (::fstat(fd, &facts) != 0) refuse(describe("fstat", "memory file", errno));
  if (facts.st_size < 0 || static_cast<std::size_t>(facts.st_size) != size) {
    refuse("it has " + std::to_string(facts.st_size) + " bytes, announced were " + std::to_string(size));
  }
}

}  // namespace vagus::transport::posix
