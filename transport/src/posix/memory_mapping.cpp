#include "posix/memory_mapping.hpp"

#include <string>

#include <boost/interprocess/anonymous_shared_memory.hpp>
#include <boost/interprocess/exceptions.hpp>

#include "posix/system_error.hpp"

namespace vagus::transport::posix {

namespace {

namespace ipc = boost::interprocess;

/// What Boost.Interprocess asks of a thing to map, for a descriptor that has no name to open it by.
class Mappable {
 public:
  Mappable(int fd, ipc::mode_t mode) noexcept
      : handle_(ipc::ipcdetail::mapping_handle_from_file_handle(fd)), mode_(mode) {}

  ipc::mapping_handle_t get_mapping_handle() const noexcept { return handle_; }
  ipc::mode_t get_mode() const noexcept { return mode_; }

 private:
  ipc::mapping_handle_t handle_;
  ipc::mode_t mode_;
};

[[noreturn]] void refuse(std::size_t size, const ipc::interprocess_exception& error) {
  throw_system_error("mmap", std::to_string(size) + " bytes of shared memory", error.get_native_error());
}

ipc::mapped_region map(int fd, std::size_t size, MemoryMapping::Access access) {
  const auto mode = access == MemoryMapping::Access::read_write ? ipc::read_write : ipc::read_only;
  try {
    return ipc::mapped_region{Mappable{fd, mode}, mode, 0, size};
  } catch (const ipc::interprocess_exception& error) {
    refuse(size, error);
  }
}

}  // namespace

MemoryMapping::MemoryMapping(int fd, std::size_t size, Access access) : region_(map(fd, size, access)) {}

MemoryMapping MemoryMapping::anonymous(std::size_t size) {
  try {
    return MemoryMapping{ipc::anonymous_shared_memory(size)};
  } catch (const ipc::interprocess_exception& error) {
    refuse(size, error);
  }
}

}  // namespace vagus::transport::posix
