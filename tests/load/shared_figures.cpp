#include "load/shared_figures.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <system_error>

namespace vagus::load {

namespace {

[[noreturn]] void throw_errno(const char* call) {
  throw std::system_error(errno, std::generic_category(), call);
}

Figures* map(int descriptor) {
  void* const memory = ::mmap(nullptr, sizeof(Figures), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (memory == MAP_FAILED) throw_errno("mmap");
  return static_cast<Figures*>(memory);
}

}  // namespace

SharedFigures::SharedFigures() : descriptor_(::memfd_create("figures", MFD_CLOEXEC)) {
  if (descriptor_ < 0) throw_errno("memfd_create");
  if (::ftruncate(descriptor_, sizeof(Figures)) != 0) throw_errno("ftruncate");
  figures_ = map(descriptor_);
  ::new (figures_) Figures;
}

SharedFigures::SharedFigures(int descriptor) : descriptor_(descriptor), figures_(map(descriptor)) {}

SharedFigures::~SharedFigures() {
  ::munmap(figures_, sizeof(Figures));
  ::close(descriptor_);
}

}  // namespace vagus::load
