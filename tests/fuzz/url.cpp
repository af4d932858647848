// URLs, and what the transports of this tree make of them.

#include <vagus/core/error.hpp>
#include <vagus/transport/url.hpp>

#include "ring/link_options.hpp"
#include "ring/ring_layout.hpp"
#include "shm/address.hpp"
#include "support/allocations.hpp"
#include "support/check.hpp"
#include "support/input.hpp"

using namespace vagus;

namespace {

// A URL has 4 KiB; an option in it, of which there are at most some thousand, becomes two strings in a map.
constexpr std::size_t most_memory = 1024 * 1024;

template <typename Make>
void try_to(const Make& make) {
  try {
    make();
  } catch (const ApiParamError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::Allocations allocations;
  try_to([&] {
    const Url url = Url::parse(fuzz::text_of(data, size));
    const Url again = Url::parse(url.to_string());
    fuzz::check(again.scheme == url.scheme && again.address == url.address && again.options == url.options,
                "a URL survives to be written");
    try_to([&] {
      const auto options = transport::ring::parse_link_options(url, {"mode"});
      fuzz::check(transport::ring::valid_ring_bytes(options.ring_bytes), "a ring has a possible size");
      fuzz::check(transport::ring::valid_arena_bytes(options.arena_bytes), "an arena has a possible size");
    });
    try_to([&] {
      const transport::shm::Address address(url);
      fuzz::check(address.size() <= sizeof(sockaddr_un), "an address fits into its structure");
    });
  });
  fuzz::check(allocations.peak() <= most_memory, "a URL takes little memory");
  return 0;
}
