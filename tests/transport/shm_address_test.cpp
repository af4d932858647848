#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <grp.h>
#include <gtest/gtest.h>

#include "posix/unix_socket.hpp"
#include "shm/address.hpp"
#include "support/process.hpp"
#include "transport/link_ends.hpp"

namespace vagus::testing {
namespace {

using transport::shm::Address;
namespace fs = std::filesystem;

TEST(ShmAddress, is_an_abstract_name_of_the_user_or_a_path) {
  const Address name(Url::parse("shm://machine"));
  EXPECT_TRUE(name.is_abstract());
  const auto* bytes = reinterpret_cast<const sockaddr_un*>(name.socket_address());
  const std::string expected = std::string(1, '\0') + "vagus/" + std::to_string(::geteuid()) + "/machine";
  EXPECT_EQ(std::string(bytes->sun_path, name.size() - offsetof(sockaddr_un, sun_path)), expected);

  const Address path(Url::parse("shm:///run/machine"));
  EXPECT_FALSE(path.is_abstract());
  EXPECT_EQ(path.path(), "/run/machine");
}

TEST(ShmAddress, refuses_paths_that_no_socket_can_have) {
  EXPECT_NO_THROW(Address(Url::parse("shm:///" + std::string(106, 'x'))));
  EXPECT_THROW(Address(Url::parse("shm:///" + std::string(107, 'x'))), ApiParamError);
  EXPECT_THROW(Address(Url::parse("shm:///run/")), ApiParamError);
}

class ShmPath : public ::testing::Test {
 public:
  ShmPath() : former_mask_(::umask(0)) {}
  ~ShmPath() override { ::umask(former_mask_); }

  transport::TransportContext context() { return make_context(threads.loop(), lines.log()); }
  std::string path() const { return Url::parse(url).address; }
  mode_t mode() const {
    struct stat facts {};
    EXPECT_EQ(::stat(path().c_str(), &facts), 0);
    return facts.st_mode & 0777;
  }
  void expect_link(Body& body) {
    End head;
    head.start(std::move(try_connect(url, context()).value()));
    End end;
    end.start(body.accept());
    head.send("x");
    EXPECT_EQ(end.receive(), "x");
  }
  /// A listener is told so, and leaves what is there alone.
  void expect_taken() {
    struct stat before {};
    ASSERT_EQ(::lstat(path().c_str(), &before), 0);
    try {
      const Body body(url, context());
      ADD_FAILURE() << "it listens at " << url;
    } catch (const TransportDisconnectedError& error) {
      EXPECT_NE(std::string(error.what()).find("is taken"), std::string::npos) << error.what();
    }
    struct stat after {};
    ASSERT_EQ(::lstat(path().c_str(), &after), 0);
    EXPECT_EQ(after.st_ino, before.st_ino);
    EXPECT_FALSE(fs::exists(path() + ".lock"));
  }
  /// Leaves a socket file without a listener behind, as a process does that is killed.
  void leave_stale_socket() const {
    const Address address(Url::parse(url));
    const auto socket = transport::posix::create_seqpacket_socket();
    ASSERT_EQ(::bind(socket.get(), address.socket_address(), address.size()), 0);
  }

  LogLines lines;
  LoopThreads threads;
  const std::string url = fresh_url("shm+path");

 private:
  const mode_t former_mask_;
};

TEST_F(ShmPath, is_open_to_its_own_user_only_whatever_the_umask) {
  const Body body(url, context());
  EXPECT_EQ(mode(), 0600u);
}

TEST_F(ShmPath, has_the_mode_that_was_asked_for_whatever_the_umask) {
  ::umask(0777);
  const Body body(url + "?mode=0660", context());
  EXPECT_EQ(mode(), 0660u);
}

TEST_F(ShmPath, takes_only_file_modes_as_mode) {
  EXPECT_THROW(Body(url + "?mode=0888", context()), ApiParamError);
  EXPECT_THROW(Body(url + "?mode=7777", context()), ApiParamError);
  EXPECT_THROW(Body(url + "?mode=rw", context()), ApiParamError);
  EXPECT_THROW(Body(fresh_url("shm", "?mode=0600"), context()), ApiParamError);
}

TEST_F(ShmPath, replaces_a_socket_that_was_left_behind) {
  leave_stale_socket();
  Body body(url, context());
  expect_link(body);
}

TEST_F(ShmPath, replaces_a_socket_and_a_lock_file_that_were_left_behind) {
  leave_stale_socket();
  std::ofstream(path() + ".lock").put('x');
  Body body(url, context());
  expect_link(body);
}

TEST_F(ShmPath, is_not_taken_from_a_listener_that_knows_no_lock) {
  const Address address(Url::parse(url));
  const auto socket = transport::posix::create_seqpacket_socket();
  ASSERT_EQ(::bind(socket.get(), address.socket_address(), address.size()), 0);
  ASSERT_EQ(::listen(socket.get(), 1), 0);
  EXPECT_THROW(Body(url, context()), TransportDisconnectedError);
  fs::remove(path());
  EXPECT_FALSE(fs::exists(path() + ".lock"));
}

TEST_F(ShmPath, is_not_taken_from_a_listener_that_is_too_busy_to_let_us_in) {
  const Address address(Url::parse(url));
  for (const int type : {SOCK_SEQPACKET, SOCK_STREAM}) {
    const auto socket = transport::posix::create_unix_socket(type);
    ASSERT_EQ(::bind(socket.get(), address.socket_address(), address.size()), 0);
    ASSERT_EQ(::listen(socket.get(), 0), 0);
    std::vector<transport::posix::FileDescriptor> waiting;
    do {
      waiting.push_back(transport::posix::create_unix_socket(type));
    } while (::connect(waiting.back().get(), address.socket_address(), address.size()) == 0);
    ASSERT_EQ(errno, EAGAIN);
    expect_taken();
    fs::remove(path());
  }
}

TEST_F(ShmPath, is_not_taken_from_a_socket_that_nobody_can_connect_to) {
  const Address address(Url::parse(url));
  // A datagram socket, and two that are about to listen.
  for (const int type : {SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM}) {
    const auto socket = transport::posix::create_unix_socket(type);
    ASSERT_EQ(::bind(socket.get(), address.socket_address(), address.size()), 0);
    expect_taken();
    fs::remove(path());
  }
}

TEST_F(ShmPath, is_not_taken_from_something_that_is_no_socket) {
  std::ofstream(path()).put('x');
  EXPECT_THROW(Body(url, context()), ApiParamError);
  EXPECT_EQ(fs::file_size(path()), 1u);
  fs::remove(path());
  EXPECT_FALSE(fs::exists(path() + ".lock"));
}

TEST_F(ShmPath, disappears_with_its_listener) {
  { const Body body(url, context()); }
  EXPECT_FALSE(fs::exists(path()));
  EXPECT_FALSE(fs::exists(path() + ".lock"));
}

TEST_F(ShmPath, in_a_folder_that_is_not_there_is_an_error_that_says_so) {
  try {
    Body body("shm:///no/such/folder/socket", context());
    FAIL();
  } catch (const TransportDisconnectedError& error) {
    EXPECT_NE(std::string(error.what()).find("stat(/no/such/folder): No such file"), std::string::npos)
        << error.what();
  }
}

// Who may connect: needs processes of several users, which only root can make ---------------------

constexpr uid_t nobody = 65534;
constexpr uid_t daemon_user = 1;

void become(uid_t user) {
  if (::setgroups(0, nullptr) != 0 || ::setresgid(user, user, user) != 0 ||
      ::setresuid(user, user, user) != 0) {
    throw std::runtime_error("cannot become another user");
  }
}

ErrorCode outcome_of_connecting(const std::string& url) {
  LogLines lines;
  LoopThreads threads;
  const auto result = try_connect(url, make_context(threads.loop(), lines.log()));
  if (result.has_value()) throw std::runtime_error("there is a link");
  return result.error().code();
}

class ShmUsers : public ::testing::Test {
 public:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be several users";
  }
};

TEST_F(ShmUsers, of_an_abstract_name_are_the_same_at_both_ends) {
  const std::string name = fresh_url("shm");
  const std::string bound = "vagus/" + std::to_string(nobody) + Url::parse(name).address;
  const Signpost squatting;
  const Signpost done;
  // Anybody can bind the name that another user would.
  Process squatter([&] {
    become(daemon_user);
    const std::string path = std::string(1, '\0') + "vagus/65534/" + Url::parse(name).address;
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, path.size());
    const auto socket = transport::posix::create_seqpacket_socket();
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
    EXPECT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(socket.get(), 5), 0);
    squatting.raise();
    done.wait();
  });
  squatting.wait();
  Process victim([&] {
    become(nobody);
    EXPECT_EQ(outcome_of_connecting(name), ErrorCode::permission_denied);
  });
  EXPECT_EQ(victim.wait(), 0);
  done.raise();
  EXPECT_EQ(squatter.wait(), 0);
}

TEST_F(ShmUsers, of_a_path_are_those_its_mode_lets_in) {
  ::chmod(std::getenv("TMPDIR"), 0711);
  const auto try_as_nobody = [](const std::string& options,
                                const std::function<void(const std::string&)>& check) {
    const std::string url = fresh_url("shm+path");
    const Signpost listening;
    const Signpost done;
    Process visitor([&] {
      listening.wait();
      become(nobody);
      check(url);
      done.raise();
    });
    LogLines lines;
    LoopThreads threads;
    Body body(url + options, make_context(threads.loop(), lines.log()));
    listening.raise();
    EXPECT_EQ(visitor.wait(), 0);
  };
  try_as_nobody("", [](const std::string& url) {
    EXPECT_EQ(outcome_of_connecting(url), ErrorCode::permission_denied);
  });
  try_as_nobody("?mode=0666", [](const std::string& url) {
    LogLines lines;
    LoopThreads threads;
    EXPECT_TRUE(try_connect(url, make_context(threads.loop(), lines.log())).has_value());
  });
}

TEST_F(ShmUsers, of_a_path_are_those_its_lists_name) {
  ::chmod(std::getenv("TMPDIR"), 0711);
  const auto nobody_gets = [](const std::string& options) {
    const std::string url = fresh_url("shm+path");
    const Signpost listening;
    Process visitor([&] {
      listening.wait();
      become(nobody);
      LogLines lines;
      LoopThreads threads;
      const auto link = try_connect(url, make_context(threads.loop(), lines.log()));
      if (!link) {
        EXPECT_EQ(link.error().code(), ErrorCode::permission_denied);
      }
      std::_Exit(link ? 1 : 2);
    });
    LogLines lines;
    LoopThreads threads;
    Body body(url + options, make_context(threads.loop(), lines.log()));
    listening.raise();
    return visitor.wait() == 1 ? "in" : "turned away";
  };
  EXPECT_STREQ(nobody_gets("?mode=0666&users=daemon"), "turned away");
  EXPECT_STREQ(nobody_gets("?mode=0666&users=daemon,nobody"), "in");
  EXPECT_STREQ(nobody_gets("?mode=0666&users=65534"), "in");
  EXPECT_STREQ(nobody_gets("?mode=0666&groups=daemon"), "turned away");
}

TEST_F(ShmUsers, do_not_listen_at_a_path_for_us_unless_we_said_so) {
  ::chmod(std::getenv("TMPDIR"), 01777);
  const std::string url = fresh_url("shm+path");
  const Signpost listening;
  const Signpost done;
  Process squatter([&] {
    become(nobody);
    LogLines lines;
    LoopThreads threads;
    Body body(url + "?mode=0666", make_context(threads.loop(), lines.log()));
    listening.raise();
    done.wait();
  });
  listening.wait();
  EXPECT_EQ(outcome_of_connecting(url), ErrorCode::permission_denied);
  LogLines lines;
  LoopThreads threads;
  EXPECT_TRUE(try_connect(url + "?users=nobody", make_context(threads.loop(), lines.log())).has_value());
  done.raise();
  EXPECT_EQ(squatter.wait(), 0);
}

TEST_F(ShmUsers, cannot_have_us_listen_in_a_folder_of_theirs) {
  const std::string folder = std::string(std::getenv("TMPDIR")) + "/theirs";
  ASSERT_EQ(::mkdir(folder.c_str(), 0755), 0);
  LogLines lines;
  LoopThreads threads;
  const auto context = make_context(threads.loop(), lines.log());
  const std::string url = "shm://" + folder + "/socket";
  EXPECT_NO_THROW(Body(url, context));
  ::chmod(folder.c_str(), 0777);
  EXPECT_THROW(Body(url, context), PermissionDeniedError);
  ::chmod(folder.c_str(), 01777);
  EXPECT_NO_THROW(Body(url, context));
  ASSERT_EQ(::chown(folder.c_str(), nobody, static_cast<gid_t>(-1)), 0);
  EXPECT_THROW(Body(url, context), PermissionDeniedError);
  EXPECT_NO_THROW(Body(url + "?users=nobody", context));
  ::rmdir(folder.c_str());
}

TEST_F(ShmUsers, and_groups_that_nobody_has_are_refused) {
  LogLines lines;
  LoopThreads threads;
  const auto context = make_context(threads.loop(), lines.log());
  const std::string url = fresh_url("shm+path");
  EXPECT_THROW(Body(url + "?users=no-such-user", context), ApiParamError);
  EXPECT_THROW(Body(url + "?users=", context), ApiParamError);
  EXPECT_THROW(Body(url + "?group=no-such-group", context), ApiParamError);
  EXPECT_THROW(Body(fresh_url("shm") + "?users=nobody", context), ApiParamError);
  Body body(url + "?mode=0660&group=daemon", context);
  struct stat facts {};
  ASSERT_EQ(::stat(url.substr(6).c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777, 0660u);
  EXPECT_EQ(facts.st_gid, 1u);
}

}  // namespace
}  // namespace vagus::testing
