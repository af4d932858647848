/// How the process that keeps the table talks with those that measure.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// One end of a stream of messages between two processes.
class Channel {
 public:
  enum class Kind : std::uint32_t {
    ready,   ///< from a child: it has made what it measures
    slice,   ///< to a child: nanoseconds for which to measure
    result,  ///< from a child: what the slice came to
    error,   ///< from a child: text; it ends
    end      ///< to a child: it is to end
  };
  struct Message {
    Kind kind = Kind::error;
    std::vector<std::byte> payload;
  };

  /// Takes the descriptor over.
  explicit Channel(int descriptor) noexcept : descriptor_(descriptor) {}
  Channel(Channel&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Channel& operator=(Channel&&) = delete;
  ~Channel();

  static std::pair<Channel, Channel> make_pair();

  /// Throws std::runtime_error if the other end is gone.
  void send(Kind kind, std::span<const std::byte> payload = {});
  void send(Kind kind, std::string_view text);

  /// The next message. Throws std::runtime_error if the other end is gone, or nothing came for so long.
  Message receive(std::optional<std::chrono::nanoseconds> longest = std::nullopt);

 private:
  void send_all(std::span<const std::byte> bytes);
  void receive_all(std::span<std::byte> bytes, std::optional<std::chrono::nanoseconds> longest);

  int descriptor_;
};

}  // namespace bench
