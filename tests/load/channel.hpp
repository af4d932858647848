#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace vagus::load {

/// One end of a line of messages, each a line of text, between two processes.
class Channel {
 public:
  /// Takes the descriptor over; -1: none.
  explicit Channel(int descriptor = -1) noexcept : descriptor_(descriptor) {}
  Channel(Channel&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  Channel& operator=(Channel&& other) noexcept;
  ~Channel();

  /// Neither end goes along to another program.
  static std::pair<Channel, Channel> make_pair();

  int descriptor() const noexcept { return descriptor_; }

  /// From any thread. To one that is gone it sends nothing.
  void send(std::string_view line) const noexcept;
  /// Waits for the next one; nothing at the end.
  std::optional<std::string> receive() const;
  /// The next one, if it has come. `ended` is set at the end.
  std::optional<std::string> receive_what_came(bool& ended) const;

 private:
  int descriptor_;
};

}  // namespace vagus::load
