#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include <vagus/transport/local_address.hpp>

#include "posix/unix_socket.hpp"
#include "support/process.hpp"
#include "transport/link_ends.hpp"
#include "unix/address.hpp"

namespace vagus::testing {
namespace {

using transport::local_addresses;
using transport::LocalAddress;
using transport::look_at;
namespace fs = std::filesystem;

const LocalAddress* find(const std::vector<LocalAddress>& all, const std::string& url) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.url.to_string() == url; });
  return found == all.end() ? nullptr : &*found;
}

class LocalAddresses : public ::testing::TestWithParam<std::string> {
 public:
  transport::TransportContext context() { return make_context(threads.loop(), lines.log()); }

  LogLines lines;
  LoopThreads threads;
  const std::string url = fresh_url(GetParam());
};

TEST_P(LocalAddresses, tell_who_listens) {
  const Body body(url, context());
  const LocalAddress seen = look_at(Url::parse(url));
  ASSERT_TRUE(seen.listener);
  EXPECT_EQ(seen.listener->process_id, ::getpid());
  EXPECT_EQ(seen.listener->user_id, static_cast<std::int64_t>(::geteuid()));
  EXPECT_FALSE(seen.stale);
  EXPECT_TRUE(seen.may_be_opened);
}

TEST_P(LocalAddresses, tell_that_nobody_listens) {
  const LocalAddress seen = look_at(Url::parse(url));
  EXPECT_FALSE(seen.listener);
  EXPECT_FALSE(seen.stale);
  EXPECT_FALSE(seen.file_there);
}

TEST_P(LocalAddresses, are_found_while_somebody_listens) {
  EXPECT_EQ(find(local_addresses(), url), nullptr);
  {
    const Body body(url, context());
    const auto all = local_addresses();
    const LocalAddress* const seen = find(all, url);
    ASSERT_NE(seen, nullptr);
    EXPECT_TRUE(seen->listener);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.url.to_string() < b.url.to_string();
    }));
  }
  EXPECT_EQ(find(local_addresses(), url), nullptr);
}

TEST_P(LocalAddresses, are_in_no_bodys_way) {
  Body body(url, context());
  EXPECT_TRUE(look_at(Url::parse(url)).listener);
  End head;
  head.start(std::move(try_connect(url, context()).value()));
  End end;
  end.start(body.accept());
  head.send("x");
  EXPECT_EQ(end.receive(), "x");
}

INSTANTIATE_TEST_SUITE_P(At, LocalAddresses, ::testing::Values("shm", "shm+path", "unix+path"),
                         [](const auto& kind) {
                           return kind.param == "shm"        ? std::string("names")
                                  : kind.param == "shm+path" ? "shm_paths"
                                                             : "unix_paths";
                         });

/// A path in a folder in which files that were left behind are looked for.
class LeftPath : public ::testing::Test {
 public:
  LeftPath() : path("/tmp/vagus-left-" + std::to_string(::getpid()) + ".socket"), url("unix://" + path) {}
  ~LeftPath() override {
    fs::remove(path);
    fs::remove(path + ".lock");
  }
  /// As a process does that is killed.
  void leave_socket() const {
    const auto address = transport::unix_socket::address_of(Url::parse(url));
    const auto socket = transport::posix::create_unix_socket(SOCK_STREAM);
    ASSERT_EQ(::bind(socket.get(), address.socket_address(), address.size()), 0);
    ASSERT_EQ(::listen(socket.get(), 1), 0);
  }

  const std::string path;
  const std::string url;
};

TEST_F(LeftPath, is_stale) {
  leave_socket();
  std::ofstream(path + ".lock").flush();
  const LocalAddress seen = look_at(Url::parse(url));
  EXPECT_TRUE(seen.stale);
  EXPECT_FALSE(seen.listener);
  EXPECT_TRUE(seen.is_socket);
  EXPECT_TRUE(seen.has_lock_file);
  EXPECT_EQ(seen.user_id, static_cast<std::int64_t>(::geteuid()));
  const auto all = local_addresses();
  const LocalAddress* const found = find(all, url);
  ASSERT_NE(found, nullptr);
  EXPECT_TRUE(found->stale);
}

TEST_F(LeftPath, of_another_program_is_not_found) {
  leave_socket();
  EXPECT_FALSE(look_at(Url::parse(url)).has_lock_file);
  std::ofstream(path + ".lock") << "4711\n";  // as PostgreSQL does it
  EXPECT_FALSE(look_at(Url::parse(url)).has_lock_file);
  EXPECT_EQ(find(local_addresses(), url), nullptr);
}

TEST_F(LeftPath, that_is_no_socket_is_said_to_be_none) {
  std::ofstream(path).put('x');
  const LocalAddress seen = look_at(Url::parse(url));
  EXPECT_TRUE(seen.file_there);
  EXPECT_FALSE(seen.is_socket);
  EXPECT_FALSE(seen.stale);
}

TEST_F(LeftPath, in_a_folder_that_is_not_there_is_said_so) {
  EXPECT_TRUE(look_at(Url::parse(url)).folder_there);
  EXPECT_FALSE(look_at(Url::parse("unix:///nowhere/mill.socket")).folder_there);
}

TEST(LocalAddress, is_one_of_this_machine) {
  EXPECT_TRUE(transport::is_local(Url::parse("shm://mill")));
  EXPECT_TRUE(transport::is_local(Url::parse("msgpack+unix:///run/mill")));
  EXPECT_FALSE(transport::is_local(Url::parse("tcp://localhost:4000")));
  EXPECT_THROW(look_at(Url::parse("tcp://localhost:4000")), ApiParamError);
  EXPECT_THROW(look_at(Url::parse("unix://mill")), ApiParamError);
}

TEST(LocalAddress, of_a_process_that_was_killed_is_stale) {
  const std::string path = "/tmp/vagus-killed-" + std::to_string(::getpid()) + ".socket";
  const std::string url = "shm://" + path;
  const Signpost listening;
  {
    Process process([&] {
      LogLines lines;
      LoopThreads threads;
      const Body body(url, make_context(threads.loop(), lines.log()));
      listening.raise();
      ::pause();
    });
    listening.wait();
    EXPECT_EQ(look_at(Url::parse(url)).listener->process_id, process.id());
  }
  EXPECT_TRUE(look_at(Url::parse(url)).stale);
  fs::remove(path);
  fs::remove(path + ".lock");
}

}  // namespace
}  // namespace vagus::testing
