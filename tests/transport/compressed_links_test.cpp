// Links that compress large messages, as their URLs say.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>
#include <string_view>
#include <system_error>

#include <gtest/gtest.h>

#include <vagus/core/bytes.hpp>

#include "posix/file_descriptor.hpp"
#include "stream/compression.hpp"
#include "stream/hello_exchange.hpp"
#include "stream/zstd.hpp"
#include "transport/link_ends.hpp"

namespace vagus::testing {
namespace {

using namespace std::literals;
using transport::posix::FileDescriptor;

constexpr std::size_t mebibyte = std::size_t{1} << 20;

std::string some_text(std::size_t size) {
  std::string text;
  for (int number = 0; text.size() < size; ++number) {
    text += "axis " + std::to_string(number % 7) + " at " + std::to_string(number * 7919 % 1000) + " mm; ";
  }
  text.resize(size);
  return text;
}

std::string_view as_text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A head that writes and reads bytes.
class RawHead {
 public:
  explicit RawHead(const std::string& url) : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    const auto colon = url.rfind(':');
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(colon + 1))));
    const std::string host = url.substr(6, colon - 6);
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1 ||
        ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      throw std::system_error(errno, std::generic_category(), "connect to " + url);
    }
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t size = ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (size <= 0) throw std::system_error(errno, std::generic_category(), "send");
      bytes.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  void say_hello(std::vector<std::string> capabilities) {
    wire::Hello hello;
    hello.capabilities = std::move(capabilities);
    write(as_text(transport::stream::encode_hello_request(hello)));
    static_cast<void>(read(1));  // the answer, in one piece
  }
  /// What comes, `at_least` so many bytes.
  std::string read(std::size_t at_least) {
    std::string all;
    char some[65536];
    while (all.size() < at_least) {
      const ssize_t size = ::recv(socket_.get(), some, sizeof some, 0);
      if (size <= 0) throw std::runtime_error("the connection has ended");
      all.append(some, static_cast<std::size_t>(size));
    }
    return all;
  }

 private:
  FileDescriptor socket_;
};

class CompressedLinks : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!transport::stream::zstd::available()) GTEST_SKIP() << "built without libzstd";
  }

  LogLines log;
  LoopThreads threads;
  transport::TransportContext context = make_context(threads.loop(), log.log());
};

TEST_F(CompressedLinks, carry_messages_of_every_size_and_kind_both_ways) {
  Body body{fresh_url("tcp", "?compression=zstd"), context};
  auto link = try_connect(body.url(), context);
  ASSERT_TRUE(link) << link.error().what();
  End head;
  head.start(std::move(link).value());
  End other;
  other.start(body.accept());
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{4000}, std::size_t{4090}, std::size_t{5000}, mebibyte}) {
    for (const std::string& text : {some_text(size), pattern(size)}) {
      head.send(text);
      const auto there = other.receive();
      ASSERT_TRUE(there);
      EXPECT_EQ(*there, text);
      other.send(*there);
      const auto back = head.receive();
      ASSERT_TRUE(back);
      EXPECT_EQ(*back, text);
    }
  }
}

TEST_F(CompressedLinks, only_large_messages_are_compressed_and_only_for_who_said_it) {
  Body body{fresh_url("tcp", "?compression=zstd"), context};
  const std::string url = body.url().substr(0, body.url().find('?'));
  const std::string text = some_text(100'000);
  struct Case {
    std::vector<std::string> capabilities;
    bool compressed;
  };
  for (const Case& one : {Case{{"zstd"}, true}, Case{{}, false}, Case{{"lz4"}, false}}) {
    RawHead head{url};
    head.say_hello(one.capabilities);
    End end;
    end.start(body.accept());
    end.send("small");
    EXPECT_EQ(head.read(11), "\x91\xc6\0\0\0\5small"s);
    end.send(text);
    if (one.compressed) {
      std::string bytes = head.read(10);
      ASSERT_TRUE(bytes.starts_with("\x93\x03\xce\0\1\x86\xa6\xc5"s));
      const auto byte = [&](std::size_t place) {
        return static_cast<std::size_t>(static_cast<unsigned char>(bytes[place]));
      };
      const std::size_t size = 10 + 256 * byte(8) + byte(9);
      if (bytes.size() < size) bytes += head.read(size - bytes.size());
      EXPECT_EQ(bytes.size(), size);
      EXPECT_LT(size, text.size() / 2);
    } else {
      EXPECT_EQ(head.read(text.size() + 6), end.to_message(text));
    }
  }
}

TEST_F(CompressedLinks, a_plain_peer_is_never_sent_anything_compressed) {
  Body body{fresh_url("tcp", "?compression=zstd"), context};
  RawHead head{body.url().substr(0, body.url().find('?'))};
  head.write("\x94\0\1\xa1x\x90"sv);  // a request and no hello
  End end;
  end.start(body.accept());
  EXPECT_EQ(end.link->peer_hello().version, 0U);
  const std::string text = some_text(100'000);
  end.send(text);
  EXPECT_EQ(head.read(text.size() + 6), end.to_message(text));
}

TEST_F(CompressedLinks, what_was_not_agreed_is_not_unpacked) {
  Body body{fresh_url("tcp"), context};
  RawHead head{body.url()};
  head.say_hello({"zstd"});
  End end;
  end.start(body.accept());
  head.write("\x93\x03\1\xc4\0"sv);
  end.link->wait_readable(Deadline::after(ample_time));
  const auto message = end.link->try_receive();  // for the session to refuse
  ASSERT_TRUE(message);
  EXPECT_EQ(as_text(*message), "\x93\x03\1\xc4\0"sv);
}

TEST_F(CompressedLinks, what_cannot_be_unpacked_ends_the_link_and_says_why) {
  context.limits.message_size = mebibyte;
  Body body{fresh_url("tcp", "?compression=zstd"), context};
  const std::string url = body.url().substr(0, body.url().find('?'));
  // Four GiB, promised by a few bytes; a megabyte of zeros that says it is a thousand; what is not zstd.
  const std::pair<std::string, std::string> wrong[] = {
      {"\x93\x03\xce\xff\xff\xff\xff\xc4\x09\x28\xb5\x2f\xfd\x20\x00\x01\x00\x00"s,
       "decompressed it would have 4294967295 bytes, more than the limit of 1048576"},
      {"\x93\x03\xcd\x03\xe8\xc4\x05hello"s, "it does not begin as zstd does"},
      {"\x93\x03\x05\xc4\x0c\x28\xb5\x2f\xfd\x20\x05\x29\0\0\x90\x90\x90"s, "zstd says: "},
      {"\x93\x03\xc0\xc0"s, "expected an integer"}};
  for (const auto& [bytes, why] : wrong) {
    RawHead head{url};
    head.say_hello({"zstd"});
    End end;
    end.start(body.accept());
    head.write(bytes);
    EXPECT_FALSE(end.receive());
    const ErrorPtr reason = end.observer.await_closed();
    EXPECT_EQ(reason->code(), ErrorCode::protocol) << reason->what();
    EXPECT_NE(std::string(reason->what()).find("sent what is no valid message: in compressed form, "),
              std::string::npos)
        << reason->what();
    EXPECT_NE(std::string(reason->what()).find(why), std::string::npos) << reason->what();
    EXPECT_TRUE(log.contains(why));
  }
}

TEST_F(CompressedLinks, a_bad_option_is_refused) {
  EXPECT_THROW((Body{fresh_url("tcp", "?compression=gzip"), context}), ApiParamError);
  EXPECT_THROW(static_cast<void>(try_connect("msgpack+tcp://127.0.0.1:1?compression=zstd", context)),
               ApiParamError);
}

}  // namespace
}  // namespace vagus::testing
