#include "tls/tls_stream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <vagus/core/error.hpp>

#include "stream/socket_stream.hpp"
#include "support/tls/certificates.hpp"

namespace vagus::testing {
namespace {

using transport::stream::ByteStream;
using transport::stream::SocketStream;
using transport::stream::Transfer;
using transport::tls::ClientCertificate;
using transport::tls::TlsContext;
using transport::tls::TlsOptions;
using transport::tls::TlsStream;

constexpr transport::LinkTraits traits{.scheme = "tcp"};

std::vector<std::byte> bytes_of(std::string_view text) {
  const auto all = std::as_bytes(std::span(text));
  return {all.begin(), all.end()};
}

/// Both ends of a connection, in one thread: neither ever waits.
class TlsStreams : public ::testing::Test {
 protected:
  struct Ends {
    std::unique_ptr<ByteStream> head;
    std::unique_ptr<ByteStream> body;
  };

  static std::array<std::unique_ptr<SocketStream>, 2> sockets() {
    std::array<int, 2> made{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, made.data()), 0);
    const auto stream = [](int socket, const char* name) {
      return std::make_unique<SocketStream>(
          transport::posix::FileDescriptor(socket),
          transport::stream::StreamPeer{
              .traits = &traits, .credentials = {}, .text = name, .lingers = false});
    };
    return {stream(made[0], "the body"), stream(made[1], "the head")};
  }

  Ends ends(const TlsOptions& head, const TlsOptions& body, const std::string& host = "127.0.0.1") {
    auto [at_head, at_body] = sockets();
    return {std::make_unique<TlsStream>(TlsContext::make(Side::head, head, "tls://head"), std::move(at_head),
                                        host),
            std::make_unique<TlsStream>(TlsContext::make(Side::body, body, "tls://body"), std::move(at_body),
                                        "")};
  }

  struct Outcome {
    ErrorPtr head;
    ErrorPtr body;
  };
  /// Shakes hands as far as it goes, and then lets the head say something, as it would.
  static Outcome shake(Ends& ends) {
    Outcome outcome;
    bool head_done = false;
    bool body_done = false;
    for (int round = 0; round < 20 && !(head_done && body_done); ++round) {
      if (!head_done) head_done = step(*ends.head, outcome.head);
      if (!body_done) body_done = step(*ends.body, outcome.body);
    }
    if (outcome.head || !outcome.body) return outcome;
    // In TLS 1.3 a head hears that its certificate was not taken when it reads.
    std::array<std::byte, 16> scratch{};
    static_cast<void>(ends.head->write(bytes_of("hello")));
    const Transfer transfer = ends.head->read(scratch);
    outcome.head = transfer.error;
    return outcome;
  }
  static bool step(ByteStream& stream, ErrorPtr& error) {
    const Transfer transfer = stream.handshake();
    error = transfer.error;
    return transfer.status != Transfer::Status::again;
  }

  TlsOptions trusting() const {
    TlsOptions options;
    options.ca = authority.file();
    return options;
  }
  static TlsOptions showing(const CertificateAuthority::Files& files) {
    TlsOptions options;
    options.certificate = files.certificate;
    options.key = files.key;
    return options;
  }
  TlsOptions asking(const CertificateAuthority::Files& files) const {
    TlsOptions options = showing(files);
    options.ca = authority.file();
    options.client_certificate = ClientCertificate::required;
    return options;
  }

  void expect_head_refuses(const TlsOptions& head, const CertificateAuthority::Files& shown, const char* text,
                           const std::string& host = "127.0.0.1") {
    Ends both = ends(head, showing(shown), host);
    const Outcome outcome = shake(both);
    ASSERT_NE(outcome.head, nullptr);
    EXPECT_EQ(outcome.head->code(), ErrorCode::permission_denied) << outcome.head->what();
    EXPECT_NE(std::string(outcome.head->what()).find(text), std::string::npos) << outcome.head->what();
    ASSERT_NE(outcome.body, nullptr);
  }
  void expect_body_refuses(const TlsOptions& head, const char* logged, const char* told) {
    Ends both = ends(head, asking(authority.issue()));
    const Outcome outcome = shake(both);
    ASSERT_NE(outcome.body, nullptr);
    EXPECT_EQ(outcome.body->code(), ErrorCode::permission_denied) << outcome.body->what();
    EXPECT_NE(std::string(outcome.body->what()).find(logged), std::string::npos) << outcome.body->what();
    ASSERT_NE(outcome.head, nullptr);
    EXPECT_EQ(outcome.head->code(), ErrorCode::permission_denied) << outcome.head->what();
    EXPECT_NE(std::string(outcome.head->what()).find(told), std::string::npos) << outcome.head->what();
  }

  CertificateAuthority authority;
};

TEST_F(TlsStreams, carry_bytes_both_ways_and_say_when_no_more_come) {
  Ends both = ends(trusting(), showing(authority.issue()));
  const Outcome outcome = shake(both);
  ASSERT_EQ(outcome.head, nullptr) << outcome.head->what();
  ASSERT_EQ(outcome.body, nullptr) << outcome.body->what();
  std::array<std::byte, 100> into{};
  for (const auto& [from, to] :
       {std::pair{both.head.get(), both.body.get()}, {both.body.get(), both.head.get()}}) {
    EXPECT_EQ(to->read(into).events, POLLIN);
    EXPECT_EQ(from->write(bytes_of("hello")).size, 5u);
    const Transfer transfer = to->read(into);
    ASSERT_EQ(transfer.status, Transfer::Status::done);
    EXPECT_EQ(transfer.size, 5u);
    EXPECT_EQ(std::memcmp(into.data(), "hello", 5), 0);
  }
  both.head->finish_writing();
  EXPECT_EQ(both.body->read(into).status, Transfer::Status::ended);
  EXPECT_TRUE(both.body->credentials().certificate_name.empty());
  EXPECT_EQ(both.head->credentials().certificate_name, "test");
  EXPECT_STREQ(both.head->traits().scheme, "tls");
}

TEST_F(TlsStreams, say_what_has_left_the_socket_and_was_not_read_yet) {
  Ends both = ends(trusting(), showing(authority.issue()));
  ASSERT_EQ(shake(both).head, nullptr);
  EXPECT_EQ(both.head->write(bytes_of("hello")).size, 5u);
  std::array<std::byte, 2> into{};
  EXPECT_FALSE(both.body->has_buffered());
  EXPECT_EQ(both.body->read(into).size, 2u);
  EXPECT_TRUE(both.body->has_buffered());
  EXPECT_EQ(both.body->read(into).size, 2u);
  EXPECT_EQ(both.body->read(into).size, 1u);
  EXPECT_FALSE(both.body->has_buffered());
}

TEST_F(TlsStreams, go_on_where_a_full_socket_stopped_them) {
  Ends both = ends(trusting(), showing(authority.issue()));
  ASSERT_EQ(shake(both).head, nullptr);
  std::vector<std::byte> sent(std::size_t{1} << 20);
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::byte>(i * 7 + i / 251);
  const std::array<std::vector<std::byte>, 2> copies{sent, sent};
  std::vector<std::byte> received;
  std::vector<std::byte> into(std::size_t{64} << 10);
  bool was_full = false;
  std::size_t attempts = 0;
  for (std::size_t from = 0; received.size() < sent.size();) {
    // From another place each time, as it comes out of a buffer that moves.
    const auto rest = std::span(copies[++attempts % 2]).subspan(from);
    const Transfer written = rest.empty() ? Transfer::again_on(POLLOUT) : both.head->write(rest);
    if (written.status == Transfer::Status::done) {
      from += written.size;
      continue;
    }
    ASSERT_EQ(written.status, Transfer::Status::again);
    EXPECT_EQ(written.events, POLLOUT);
    was_full = was_full || !rest.empty();
    for (Transfer got = both.body->read(into); got.status == Transfer::Status::done;
         got = both.body->read(into)) {
      received.insert(received.end(), into.begin(), into.begin() + static_cast<std::ptrdiff_t>(got.size));
    }
  }
  EXPECT_TRUE(was_full);
  EXPECT_EQ(received, sent);
}

TEST_F(TlsStreams, tell_a_peer_that_leaves_from_a_connection_that_is_cut_off) {
  std::array<std::byte, 16> into{};
  for (const bool says_so : {true, false}) {
    Ends both = ends(trusting(), showing(authority.issue()));
    ASSERT_EQ(shake(both).head, nullptr);
    EXPECT_EQ(both.head->write(bytes_of("hello")).size, 5u);
    EXPECT_EQ(both.body->read(into).size, 5u);
    if (says_so) both.head->finish_writing();
    both.head.reset();
    const Transfer transfer = both.body->read(into);
    EXPECT_EQ(transfer.status, says_so ? Transfer::Status::ended : Transfer::Status::failed);
    if (says_so) continue;
    EXPECT_EQ(transfer.error->code(), ErrorCode::transport_disconnected);
    EXPECT_STREQ(transfer.error->what(),
                 "the connection to the peer, the head, is lost: it closed the connection without the word "
                 "of TLS for that: it died, or somebody has cut it off");
    EXPECT_EQ(both.body->read(into).status, Transfer::Status::ended);
    both.body->finish_writing();
  }
}

/// Both ends, and somebody in between.
struct Tapped {
  std::unique_ptr<ByteStream> head;
  std::unique_ptr<ByteStream> body;
  std::unique_ptr<SocketStream> at_head;
  std::unique_ptr<SocketStream> at_body;

  /// What the one has said so far.
  static std::vector<std::byte> take(SocketStream& from) {
    std::vector<std::byte> all(std::size_t{64} << 10);
    const Transfer transfer = from.read(all);
    all.resize(transfer.size);
    return all;
  }
  static void give(SocketStream& to, std::span<const std::byte> bytes) {
    if (bytes.empty()) return;
    EXPECT_EQ(to.write(bytes).size, bytes.size());
  }
  void shake() {
    bool head_done = false;
    bool body_done = false;
    for (int round = 0; round < 20 && !(head_done && body_done); ++round) {
      head_done = head_done || head->handshake().status == Transfer::Status::done;
      give(*at_body, take(*at_head));
      body_done = body_done || body->handshake().status == Transfer::Status::done;
      give(*at_head, take(*at_body));
    }
    ASSERT_TRUE(head_done && body_done);
  }
};

class TlsStreamsInParts : public TlsStreams {
 protected:
  void SetUp() override {
    auto [head_end, at_head] = sockets();
    auto [at_body, body_end] = sockets();
    tapped.head = std::make_unique<TlsStream>(TlsContext::make(Side::head, trusting(), "tls://head"),
                                              std::move(head_end), "127.0.0.1");
    tapped.body = std::make_unique<TlsStream>(
        TlsContext::make(Side::body, showing(authority.issue()), "tls://body"), std::move(body_end), "");
    tapped.at_head = std::move(at_head);
    tapped.at_body = std::move(at_body);
    tapped.shake();
    EXPECT_EQ(tapped.head->write(bytes_of("hello")).size, 5u);
    record = Tapped::take(*tapped.at_head);
    ASSERT_GT(record.size(), 20u);
  }

  Tapped tapped;
  std::vector<std::byte> record;
  std::array<std::byte, 16> into{};
};

TEST_F(TlsStreamsInParts, have_nothing_to_read_before_a_record_is_there_as_a_whole) {
  const auto bytes = std::span(record);
  for (const auto& [from, to] : {std::pair{0u, 3u}, {3u, 10u}, {10u, unsigned(record.size()) - 1}}) {
    Tapped::give(*tapped.at_body, bytes.subspan(from, to - from));
    const Transfer transfer = tapped.body->read(into);
    EXPECT_EQ(transfer.status, Transfer::Status::again);
    EXPECT_EQ(transfer.events, POLLIN);
    // Or whoever waits would try again and again.
    EXPECT_FALSE(tapped.body->has_buffered());
  }
  Tapped::give(*tapped.at_body, bytes.last(1));
  EXPECT_EQ(tapped.body->read(into).size, 5u);
}

TEST_F(TlsStreamsInParts, notice_a_byte_that_was_changed) {
  record[12] ^= std::byte{1};
  Tapped::give(*tapped.at_body, record);
  const Transfer transfer = tapped.body->read(into);
  ASSERT_EQ(transfer.status, Transfer::Status::failed);
  EXPECT_EQ(transfer.error->code(), ErrorCode::protocol) << transfer.error->what();
  EXPECT_EQ(tapped.body->write(bytes_of("x")).status, Transfer::Status::ended);
}

TEST_F(TlsStreamsInParts, notice_that_they_are_cut_off_within_a_record) {
  Tapped::give(*tapped.at_body, std::span(record).first(10));
  tapped.at_body.reset();
  const Transfer transfer = tapped.body->read(into);
  ASSERT_EQ(transfer.status, Transfer::Status::failed);
  EXPECT_EQ(transfer.error->code(), ErrorCode::transport_disconnected) << transfer.error->what();
}

TEST_F(TlsStreams, take_an_old_version_only_where_they_were_told_to) {
  for (const bool told : {true, false}) {
    auto [at_head, at_body] = sockets();
    TlsOptions options = showing(authority.issue());
    options.takes_tls_1_2 = told;
    TlsStream body(TlsContext::make(Side::body, options, "tls://body"), std::move(at_body), "");
    const std::unique_ptr<SSL_CTX, transport::tls::FreeContext> old(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_max_proto_version(old.get(), TLS1_2_VERSION);
    const transport::tls::Connection head(SSL_new(old.get()));
    SSL_set_fd(head.get(), at_head->descriptor());
    Transfer transfer;
    for (int round = 0; round < 20 && transfer.status == Transfer::Status::again; ++round) {
      SSL_connect(head.get());
      transfer = body.handshake();
    }
    EXPECT_EQ(transfer.status, told ? Transfer::Status::done : Transfer::Status::failed);
    if (told) continue;
    EXPECT_EQ(transfer.error->code(), ErrorCode::protocol);
    EXPECT_NE(std::string(transfer.error->what()).find("minimum_version=1.2"), std::string::npos)
        << transfer.error->what();
  }
}

TEST_F(TlsStreams, refuse_a_body_that_has_expired) {
  expect_head_refuses(trusting(), authority.issue({.valid_from_s = -7200, .valid_until_s = -3600}),
                      "has expired");
}

TEST_F(TlsStreams, refuse_a_body_that_is_not_valid_yet) {
  expect_head_refuses(trusting(), authority.issue({.valid_from_s = 3600, .valid_until_s = 7200}),
                      "not valid before");
}

TEST_F(TlsStreams, refuse_a_self_signed_body) {
  expect_head_refuses(trusting(), authority.self_signed(), "self-signed");
}

TEST_F(TlsStreams, refuse_a_body_of_an_unknown_authority) {
  CertificateAuthority other("another authority");
  expect_head_refuses(trusting(), other.issue(), "authority");
  expect_head_refuses({}, authority.issue(), "authority");  // the system's do not know it
}

TEST_F(TlsStreams, refuse_a_body_of_a_false_authority_with_a_right_name) {
  CertificateAuthority other;
  expect_head_refuses(trusting(), other.issue(), "was not issued by the authority of this name");
}

TEST_F(TlsStreams, refuse_a_body_for_another_host) {
  const auto for_others =
      authority.issue({.name = "127.0.0.1", .hosts = {"IP:127.0.0.9", "DNS:mill.example.org"}});
  expect_head_refuses(trusting(), for_others, "is for 127.0.0.9, mill.example.org and not for 127.0.0.1");
  expect_head_refuses(trusting(), for_others, "not for example.org", "example.org");
  expect_head_refuses(trusting(), authority.issue({.hosts = {"DNS:*.example.org"}}),
                      "not for a.b.example.org", "a.b.example.org");
}

TEST_F(TlsStreams, find_the_host_among_several) {
  const auto files = authority.issue({.hosts = {"DNS:a.example.org", "DNS:*.b.example.org", "IP:::1"}});
  for (const char* host : {"a.example.org", "A.Example.org", "x.b.example.org", "::1"}) {
    Ends both = ends(trusting(), showing(files), host);
    const Outcome outcome = shake(both);
    EXPECT_EQ(outcome.head, nullptr) << host;
  }
}

TEST_F(TlsStreams, take_the_pinned_certificate_and_no_other) {
  const auto files = authority.self_signed({.hosts = {"DNS:somewhere.else"}});
  TlsOptions pinning;
  pinning.pinned = files.certificate;
  Ends both = ends(pinning, showing(files));
  EXPECT_EQ(shake(both).head, nullptr);
  expect_head_refuses(pinning, authority.self_signed(), "not the pinned one");
  expect_head_refuses(pinning, authority.issue(), "not the pinned one");
  const auto expired = authority.self_signed({.valid_from_s = -7200, .valid_until_s = -3600});
  pinning.pinned = expired.certificate;
  expect_head_refuses(pinning, expired, "has expired");
}

TEST_F(TlsStreams, tell_a_body_the_name_of_its_head) {
  for (const CertificateOptions& named :
       {CertificateOptions{.name = "panel"}, CertificateOptions{.name = "", .hosts = {"DNS:panel"}}}) {
    TlsOptions head = showing(authority.issue(named));
    head.ca = authority.file();
    Ends both = ends(head, asking(authority.issue()));
    const Outcome outcome = shake(both);
    ASSERT_EQ(outcome.body, nullptr) << outcome.body->what();
    EXPECT_EQ(both.body->credentials().certificate_name, "panel");
  }
}

TEST_F(TlsStreams, refuse_heads_whose_certificates_are_no_good) {
  const auto with = [&](const CertificateAuthority::Files& files) {
    TlsOptions head = showing(files);
    head.ca = authority.file();
    return head;
  };
  expect_body_refuses(trusting(), "shows no certificate", "wants a certificate of this side");
  expect_body_refuses(with(authority.issue({.valid_from_s = -7200, .valid_until_s = -3600})), "has expired",
                      "has expired");
  expect_body_refuses(with(authority.self_signed()), "self-signed", "authority");
  CertificateAuthority other("another authority");
  expect_body_refuses(with(other.issue()), "authority", "authority");
  expect_body_refuses(with(authority.issue({.name = "", .hosts = {}})), "has no name", "does not take");
}

TEST_F(TlsStreams, tell_a_plain_head_from_one_of_tls) {
  // The beginning of a hello; OpenSSL would take it for one of SSL 2, and wait for more.
  auto [at_head, at_body] = sockets();
  TlsStream body(TlsContext::make(Side::body, showing(authority.issue()), "tls://body"), std::move(at_body),
                 "");
  EXPECT_EQ(at_head->write(bytes_of(std::string_view("\x94\x00\x01\xa6$hello", 10))).size, 10u);
  const Transfer transfer = body.handshake();
  ASSERT_EQ(transfer.status, Transfer::Status::failed);
  EXPECT_EQ(transfer.error->code(), ErrorCode::protocol);
  EXPECT_NE(std::string(transfer.error->what()).find("does not speak TLS"), std::string::npos);
  std::array<std::byte, 16> into{};
  EXPECT_EQ(at_head->read(into).size, 7u);  // an alert
}

TEST_F(TlsStreams, tell_a_plain_body_from_one_of_tls) {
  for (const bool says_something : {true, false}) {
    auto [at_head, at_body] = sockets();
    TlsStream head(TlsContext::make(Side::head, trusting(), "tls://head"), std::move(at_head), "127.0.0.1");
    EXPECT_EQ(head.handshake().status, Transfer::Status::again);
    if (says_something) {
      EXPECT_GT(at_body->write(bytes_of("220 mail.example.org")).size, 0u);
    }
    at_body.reset();
    const Transfer transfer = head.handshake();
    ASSERT_EQ(transfer.status, Transfer::Status::failed);
    EXPECT_EQ(transfer.error->code(),
              says_something ? ErrorCode::protocol : ErrorCode::transport_disconnected)
        << transfer.error->what();
    EXPECT_NE(std::string(transfer.error->what()).find("is it tcp:// at that end?"), std::string::npos);
  }
}

TEST_F(TlsStreams, take_no_notice_of_who_says_nothing) {
  auto [at_head, at_body] = sockets();
  TlsStream body(TlsContext::make(Side::body, showing(authority.issue()), "tls://body"), std::move(at_body),
                 "");
  EXPECT_EQ(body.handshake().status, Transfer::Status::again);
  at_head.reset();
  EXPECT_EQ(body.handshake().status, Transfer::Status::ended);
}

TEST_F(TlsStreams, survive_garbage) {
  auto [at_head, at_body] = sockets();
  TlsStream body(TlsContext::make(Side::body, showing(authority.issue()), "tls://body"), std::move(at_body),
                 "");
  EXPECT_GT(at_head->write(bytes_of(std::string_view("\x16\x03\x01\x00\x05garbage and more of it", 27))).size,
            0u);
  const Transfer transfer = body.handshake();
  ASSERT_EQ(transfer.status, Transfer::Status::failed);
  EXPECT_EQ(transfer.error->code(), ErrorCode::protocol) << transfer.error->what();
}

TEST_F(TlsStreams, are_not_made_of_wrong_files) {
  const auto refused = [&](Side side, const TlsOptions& options, const std::string& text) {
    try {
      static_cast<void>(TlsContext::make(side, options, "tls://x"));
    } catch (const ApiParamError& error) {
      return std::string(error.what()).find(text) != std::string::npos;
    }
    return false;
  };
  const auto files = authority.issue();
  const std::string nonsense = authority.write("no certificate");
  EXPECT_TRUE(refused(Side::body, {}, "certificate=FILE"));
  EXPECT_TRUE(refused(Side::body, showing({"/nowhere.pem", files.key}), "/nowhere.pem: No such file"));
  EXPECT_TRUE(
      refused(Side::body, showing({files.certificate, "/nowhere.pem"}), "/nowhere.pem: No such file"));
  EXPECT_TRUE(refused(Side::body, showing({nonsense, files.key}), nonsense));
  EXPECT_TRUE(refused(Side::body, showing({files.certificate, nonsense}), nonsense + " has no private key"));
  EXPECT_TRUE(refused(Side::body, showing({files.certificate, authority.encrypted(files.key)}),
                      "is encrypted, and nobody is there to be asked for its passphrase"));
  EXPECT_TRUE(refused(Side::body, showing({files.certificate, authority.issue().key}), "is not the key of"));
  EXPECT_TRUE(refused(Side::head, TlsOptions{.ca = nonsense}, nonsense));
  EXPECT_TRUE(refused(Side::head, TlsOptions{.ca = "/nowhere"}, "/nowhere"));
  EXPECT_TRUE(refused(Side::head, TlsOptions{.pinned = nonsense}, nonsense));
  EXPECT_TRUE(refused(Side::head, TlsOptions{.pinned = "/nowhere"}, "/nowhere"));
}

TEST_F(TlsStreams, take_no_key_that_everybody_may_read) {
  using std::filesystem::perms;
  const auto files = authority.issue();
  const auto make = [&] { return TlsContext::make(Side::body, showing(files), "tls://x"); };
  for (const perms exposed : {perms::others_read, perms::others_write}) {
    std::filesystem::permissions(files.key, perms::owner_read | exposed);
    try {
      static_cast<void>(make());
      ADD_FAILURE() << "it was taken";
    } catch (const ApiParamError& error) {
      EXPECT_NE(std::string(error.what()).find("chmod o-rwx " + files.key), std::string::npos)
          << error.what();
    }
  }
  // Groups are for that.
  std::filesystem::permissions(files.key, perms::owner_read | perms::group_read);
  EXPECT_NO_THROW(static_cast<void>(make()));
}

TEST_F(TlsStreams, find_authorities_in_a_folder) {
  TlsOptions head;
  head.ca = authority.folder();
  Ends both = ends(head, showing(authority.issue()));
  EXPECT_EQ(shake(both).head, nullptr);
}

TEST_F(TlsStreams, take_certificate_and_key_from_one_file) {
  const auto files = authority.issue();
  const std::string both = authority.joined(files);
  Ends ends_of_one_file = ends(trusting(), showing({both, both}));
  EXPECT_EQ(shake(ends_of_one_file).head, nullptr);
}

}  // namespace
}  // namespace vagus::testing
