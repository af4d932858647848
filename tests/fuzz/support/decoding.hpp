#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

#include <msgpack.hpp>

#include <vagus/wire/block.hpp>
#include <vagus/wire/pack.hpp>
#include <vagus/wire/value.hpp>

namespace vagus::fuzz {

struct Inner {
  int number = 0;
  std::optional<std::string> text = std::nullopt;
  std::vector<Inner> inners = {};
};

class Defined {
 public:
  int number = 0;
  std::map<std::string, Inner> inners = {};
  MSGPACK_DEFINE(number, inners)
};

enum class Colour : std::uint8_t { red, green };

struct Scalars {
  bool boolean = false;
  std::int8_t small = 0;
  std::uint64_t large = 0;
  char character = 0;
  float real = 0;
  double number = 0;
  Colour colour = Colour::red;
  std::chrono::milliseconds duration = {};
  std::chrono::duration<double> seconds = {};
  std::chrono::system_clock::time_point time = {};
  wire::Timestamp timestamp = {};
};

struct Containers {
  std::vector<bool> booleans = {};
  std::deque<std::string> texts = {};
  std::list<std::vector<std::byte>> bytes = {};
  std::set<int> set = {};
  std::map<int, std::vector<std::string>> map = {};
  std::variant<std::monostate, int, Inner> variant = {};
  std::array<std::byte, 2> two_bytes = {};
  std::array<int, 3> three_numbers = {};
  std::tuple<int, std::string> tuple = {};
  std::unique_ptr<Inner> pointer = nullptr;
  std::filesystem::path path = {};
  Loan<const std::uint32_t> loan = {};
  Defined defined = {};
  Value value = {};
};

/// What a handler may look at without copying it.
struct Views {
  std::string_view text = {};
  std::span<const std::byte> bytes = {};
};

/// A link that brings two blocks along with each message.
class Blocks final : public wire::MessageSource {
 public:
  static constexpr std::size_t block_size = 65536;

  wire::ReceivedBlock attached(std::uint32_t place) override {
    if (place >= blocks_.size()) return {};
    return {*blocks_[place], blocks_[place]};
  }
  std::size_t most_copied() const noexcept override { return 3 * block_size / 2; }
  std::shared_ptr<const void> keep(std::span<const std::byte> /*bytes*/) override { return nullptr; }

 private:
  using Block = std::array<std::byte, block_size>;
  const std::array<std::shared_ptr<const Block>, 2> blocks_{std::make_shared<Block>(),
                                                            std::make_shared<Block>()};
};

/// Decodes bytes as everything that a method may have among its parameters. `decoded` is called with each
/// value that they hold, DecodeErrors are what is expected of all others.
template <typename Decoded>
void decode_all(std::span<const std::byte> bytes, const Decoded& decoded) {
  const auto decode = [&]<typename T>(std::type_identity<T>) {
    try {
      decoded(wire::from_bytes<T>(bytes));
    } catch (const wire::DecodeError&) {
    }
  };
  decode(std::type_identity<Value>{});
  decode(std::type_identity<Scalars>{});
  decode(std::type_identity<Containers>{});
  decode(std::type_identity<Views>{});
  decode(std::type_identity<Inner>{});
  decode(std::type_identity<Defined>{});
  decode(std::type_identity<Bytes>{});
  decode(std::type_identity<std::vector<Bytes>>{});
  decode(std::type_identity<std::unordered_map<std::string, double>>{});
  decode(std::type_identity<Loan<const double>>{});
}

}  // namespace vagus::fuzz
