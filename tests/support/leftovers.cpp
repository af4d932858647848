#include "support/leftovers.hpp"

#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "support/holdings.hpp"

namespace vagus::testing {
namespace {

constexpr unsigned default_limit_s = 100;

// The watchdog's message is made before the signal comes: a signal handler may not allocate.
char hanging_message[512];

void say_what_hangs(int /*signal*/) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, hanging_message, std::strlen(hanging_message));
  std::abort();
}

class Listener : public ::testing::EmptyTestEventListener {
 public:
  void OnTestProgramStart(const ::testing::UnitTest& /*program*/) override {
    temporary_directory_ = use_own_temporary_directory();
    if (const char* limit = std::getenv("VAGUS_TEST_LIMIT")) {
      limit_s_ = static_cast<unsigned>(std::strtoul(limit, nullptr, 10));
    }
    ::signal(SIGALRM, &say_what_hangs);
    std::thread{[] {}}.join();  // with the first one, TSan starts a thread of its own, which stays
  }

  void OnTestStart(const ::testing::TestInfo& test) override {
    std::snprintf(hanging_message, sizeof hanging_message, "test %s.%s hangs: it has not ended after %u s\n",
                  test.test_suite_name(), test.name(), limit_s_);
    before_ = look_at_this_process(temporary_directory_);
    ::alarm(limit_s_);
  }

  void OnTestEnd(const ::testing::TestInfo& /*test*/) override {
    ::alarm(0);
    const Holdings after = settled(before_, [this] { return look_at_this_process(temporary_directory_); });
    const std::string left = left_over(before_, after);
    if (!left.empty()) ADD_FAILURE() << "The test leaves behind:\n" << left;
    clear_away(before_, after);
  }

  void OnTestProgramEnd(const ::testing::UnitTest& /*program*/) override {
    std::filesystem::remove_all(temporary_directory_);
  }

 private:
  unsigned limit_s_ = default_limit_s;
  std::string temporary_directory_;
  Holdings before_;
};

}  // namespace

void watch_for_leftovers() {
  ::testing::UnitTest::GetInstance()->listeners().Append(new Listener);  // gtest deletes it
}

}  // namespace vagus::testing
