#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>

#include <vagus/testing/transcript.hpp>
#include <vagus/wire/message.hpp>

namespace vagus::testing {

/// Makes text of the messages of one link, in their order. Not safe from several threads.
class Spoken {
 public:
  explicit Spoken(const TranscriptOptions& options) : options_(options) {}

  /// The line for a message, with its arrow; none if it is not to be shown. Never throws for what is no
  /// message.
  std::optional<std::string> line(bool sent, std::span<const std::byte> bytes);

 private:
  /// By their ids: the names of the requests of one side that wait for their response.
  using Requests = std::map<std::uint32_t, std::string>;

  std::optional<std::string> text_of(bool sent, std::span<const std::byte> bytes);
  std::optional<std::string> request(bool sent, const wire::Message& message);
  std::optional<std::string> response(bool sent, const wire::Message& message);
  std::optional<std::string> notification(bool sent, const wire::Message& message);
  std::optional<std::string> cancel(bool sent, const wire::Message& message);
  std::optional<std::string> progress(bool sent, const wire::Message& message);
  Requests& requests(bool sent) noexcept { return sent ? sent_ : received_; }
  /// With a space behind it; empty unless ids are to be shown.
  std::string id_text(std::uint32_t id) const;

  const TranscriptOptions options_;
  Requests sent_;
  Requests received_;
};

}  // namespace vagus::testing
