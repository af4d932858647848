#pragma once

#include <cstddef>
#include <utility>

#include <boost/interprocess/mapped_region.hpp>

namespace vagus::transport::posix {

/// Shared memory in this process's address space, unmapped by the destructor. The descriptor may be closed as
/// soon as it is mapped.
class MemoryMapping {
 public:
  enum class Access { read_only, read_write };

  /// Throws if the system refuses.
  MemoryMapping(int fd, std::size_t size, Access access);

  /// Zero bytes for this process alone, which cost nothing until they are touched. Throws if the system
  /// refuses.
  static MemoryMapping anonymous(std::size_t size);

  std::byte* data() const noexcept { return static_cast<std::byte*>(region_.get_address()); }
  std::size_t size() const noexcept { return region_.get_size(); }

 private:
  explicit MemoryMapping(boost::interprocess::mapped_region region) : region_(std::move(region)) {}

  boost::interprocess::mapped_region region_;
};

}  // namespace vagus::transport::posix
