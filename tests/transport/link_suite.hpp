#pragma once

#include <memory>
#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "transport/link_ends.hpp"

namespace vagus::testing {

/// What every transport has to do is written once and run on each of these.
struct LinkKind {
  const char* name;
  const char* scheme;
  const char* options;
};

inline constexpr LinkKind link_kinds[] = {
    {"inproc", "inproc", ""},
    {"inproc_small_ring", "inproc", "?ring=4096&wait=block"},
    {"shm", "shm", ""},
    {"shm_small_ring", "shm", "?ring=4096"},
    {"shm_blocking", "shm", "?ring=65536&wait=block"},
    {"shm_path", "shm+path", "?trust=peer"},
    {"shm_without_arena", "shm", "?arena=0"},
    {"shm_small_ring_without_arena", "shm", "?arena=0&ring=4096"},
    {"shm_small_arena", "shm", "?arena=65536"},
    {"unix", "unix", ""},
    {"unix_path", "unix+path", "?keep_alive=1h"},
    {"unix_blocking", "unix", "?wait=block"},
    {"unix_spinning", "unix", "?wait=spin"},
    {"tcp", "tcp", ""},
#ifdef VAGUS_WITH_OPENSSL
    {"tls", "tls", ""},
#endif
};

/// Those that send large messages in parts, since the peer may be in another process and sees no blocks.
inline constexpr LinkKind kinds_that_send_parts[] = {link_kinds[6], link_kinds[7]};
/// Those that have blocks for some of them.
inline constexpr LinkKind kinds_with_arena[] = {link_kinds[2], link_kinds[3], link_kinds[8]};

/// Has both ends of a link in this process.
class LinkTest : public ::testing::TestWithParam<LinkKind> {
 public:
  std::string fresh_url() const { return testing::fresh_url(GetParam().scheme, GetParam().options); }
  bool is_inproc() const { return std::string_view(GetParam().scheme) == "inproc"; }

  bool is_stream() const { return testing::is_stream(GetParam().scheme); }
  /// By itself, or below TLS.
  bool is_tcp() const {
    const std::string_view scheme = GetParam().scheme;
    return scheme == "tcp" || scheme == "tls";
  }
  /// How much larger than its text a message is.
  std::size_t frame_size() const { return testing::frame_size(GetParam().scheme); }

  /// Opens the link, with a limit on the size of messages.
  void connect(std::size_t limit = wire::Limits{}.message_size) { connect(limit, limit); }
  void connect(std::size_t head_limit, std::size_t body_limit);

  transport::TransportContext context(std::string name = "") {
    return make_context(threads.loop(), lines.log(), std::move(name));
  }

  LogLines lines;
  LoopThreads threads;
  End head;
  End body;
};

inline void LinkTest::connect(std::size_t head_limit, std::size_t body_limit) {
  auto head_context = context("head");
  head_context.limits.message_size = head_context.hello.max_message_size = head_limit;
  auto body_context = context("body");
  body_context.limits.message_size = body_context.hello.max_message_size = body_limit;
  const std::string url = fresh_url();
  Body listening(url, body_context);
  head.start(std::move(try_connect(url, head_context).value()));
  body.start(listening.accept());
}

inline void PrintTo(const LinkKind& kind, std::ostream* stream) {
  *stream << kind.scheme << "://" << kind.options;
}

inline std::string name_of_kind(const ::testing::TestParamInfo<LinkKind>& kind) { return kind.param.name; }

#define VAGUS_INSTANTIATE_LINK_TESTS(fixture, kinds) \
  INSTANTIATE_TEST_SUITE_P(Url, fixture, ::testing::ValuesIn(kinds), name_of_kind)

}  // namespace vagus::testing
