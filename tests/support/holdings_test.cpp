#include "support/holdings.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>

#include <gtest/gtest.h>

namespace vagus::testing {
namespace {

/// What the process holds now, and what it holds more later.
class Leftovers : public ::testing::Test {
 protected:
  static Holdings look() { return look_at_this_process(std::filesystem::temp_directory_path()); }
  std::string left() const { return left_over(before_, look()); }
  bool is_left(const std::string& what) const { return left().find(what) != std::string::npos; }

 private:
  Holdings before_ = look();
};

TEST_F(Leftovers, are_none_where_nothing_was_done) { EXPECT_EQ(left(), ""); }

TEST_F(Leftovers, name_a_thread_that_still_runs) {
  std::binary_semaphore end{0};
  std::jthread thread{[&] { end.acquire(); }};
  EXPECT_TRUE(is_left("thread ")) << left();
  end.release();
}

TEST_F(Leftovers, name_an_open_file) {
  const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  EXPECT_TRUE(is_left("file descriptor " + std::to_string(descriptor) + ": /dev/null")) << left();
  ::close(descriptor);
  EXPECT_EQ(left(), "");
}

TEST_F(Leftovers, name_a_descriptor_that_means_something_else_now) {
  const int descriptor = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const Holdings before = look();
  const int other = ::open("/dev/zero", O_RDONLY | O_CLOEXEC);
  ::dup2(other, descriptor);
  ::close(other);
  EXPECT_NE(left_over(before, look()).find("/dev/zero"), std::string::npos);
  ::close(descriptor);
}

TEST_F(Leftovers, tell_the_name_of_an_abstract_socket) {
  const std::string name = "vagus-leftovers-test/" + std::to_string(::getpid());
  ::sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(name.begin(), name.end(), address.sun_path + 1);
  const int descriptor = ::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  const void* untyped = &address;
  const auto size = static_cast<socklen_t>(sizeof(sa_family_t) + 1 + name.size());
  ASSERT_EQ(::bind(descriptor, static_cast<const sockaddr*>(untyped), size), 0);
  EXPECT_TRUE(is_left("@" + name)) << left();
  ::close(descriptor);
}

TEST_F(Leftovers, name_a_child_that_ended_but_was_not_waited_for) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  siginfo_t ended{};
  ::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT);
  EXPECT_TRUE(is_left("child process " + std::to_string(child))) << left();
  EXPECT_TRUE(is_left("not waited for")) << left();
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(left(), "");
}

TEST_F(Leftovers, name_shared_memory) {
  const std::string name = "/vagus-leftovers-test-" + std::to_string(::getpid());
  ::close(::shm_open(name.c_str(), O_CREAT | O_RDWR, 0600));
  EXPECT_TRUE(is_left("/dev/shm" + name)) << left();
  ::shm_unlink(name.c_str());
  EXPECT_EQ(left(), "");
}

TEST_F(Leftovers, name_a_file_in_the_temporary_directory) {
  const auto path = std::filesystem::temp_directory_path() / "socket";
  std::ofstream{path} << "x";
  EXPECT_TRUE(is_left("file " + path.string())) << left();
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace vagus::testing
