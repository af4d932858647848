// What a body and its head have of a Supervisor while all goes well.

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "supervisor/supervisor_fixture.hpp"

namespace vagus::testing {
namespace {

namespace fs = std::filesystem;

TEST_F(SupervisorTest, starts_a_body_and_links_the_head_to_it) {
  Supervisor supervisor{{program, "serve"}, options()};
  EXPECT_EQ(supervisor.state(), SupervisorState::idle);
  Head head(supervisor, head_log, story);
  EXPECT_EQ(head.crew.twice(21).call(), 42);
  EXPECT_EQ(supervisor.state(), SupervisorState::running);
  EXPECT_EQ(head.crew.process_id().call(), supervisor.process_id());
  const LinkEvent open = story.last(LinkState::open);
  EXPECT_EQ(open.url, "supervised://crew");
  EXPECT_EQ(open.peer.process_id, supervisor.process_id());
  EXPECT_EQ(open.peer.user_id, static_cast<std::int64_t>(::geteuid()));
}

TEST_F(SupervisorTest, serves_several_heads_of_one_process_and_one_after_the_other) {
  Supervisor supervisor{{program, "serve"}, options()};
  {
    Head one(supervisor, head_log, story);
    Head other(supervisor, head_log, story);
    EXPECT_EQ(one.crew.process_id().call(), other.crew.process_id().call());
  }
  Head next(supervisor, head_log, story);
  EXPECT_EQ(next.crew.twice(4).call(), 8);
  EXPECT_EQ(supervisor.state(), SupervisorState::running);
}

TEST_F(SupervisorTest, a_body_listens_again_in_one_process_but_not_twice_at_once) {
  Supervisor supervisor{{program, "serve-anew"}, options(Restart::never)};
  Head head(supervisor, head_log, story);
  head.arb.start();
  ASSERT_TRUE(story.await(LinkState::open, 2));
  EXPECT_EQ(head.crew.twice(3).call(), 6);
}

TEST_F(SupervisorTest, gives_the_body_its_arguments_empty_ones_too) {
  Supervisor supervisor{{program, "serve", "", "a b", ""}, options()};
  Head head(supervisor, head_log, story);
  EXPECT_EQ(head.crew.arguments().call(), (std::vector<std::string>{"serve", "", "a b", ""}));
}

TEST_F(SupervisorTest, gives_the_body_its_environment_and_directory) {
  ASSERT_EQ(::setenv("VAGUS_TEST_GIVEN", "by the head", 1), 0);
  ASSERT_EQ(::setenv("VAGUS_TEST_REPLACED", "old", 1), 0);
  SupervisorOptions chosen = options();
  chosen.environment = {{"VAGUS_TEST_REPLACED", "new"}, {"VAGUS_TEST_ADDED", "a=b c"}};
  chosen.directory = fs::canonical(fs::temp_directory_path()).string();
  Supervisor supervisor{{program, "serve"}, chosen};
  Head head(supervisor, head_log, story);
  EXPECT_EQ(head.crew.variable("VAGUS_TEST_GIVEN").call(), "by the head");
  EXPECT_EQ(head.crew.variable("VAGUS_TEST_REPLACED").call(), "new");
  EXPECT_EQ(head.crew.variable("VAGUS_TEST_ADDED").call(), "a=b c");
  EXPECT_EQ(head.crew.directory().call(), chosen.directory);
  ::unsetenv("VAGUS_TEST_GIVEN");
  ::unsetenv("VAGUS_TEST_REPLACED");
}

TEST_F(SupervisorTest, a_body_inherits_its_link_and_no_other_descriptor) {
  const int careless = ::open("/dev/zero", O_RDONLY);  // without O_CLOEXEC
  ASSERT_GE(careless, 0);
  Supervisor supervisor{{program, "serve"}, options()};
  Head head(supervisor, head_log, story);
  const auto descriptors = head.crew.descriptors().call();
  ::close(careless);
  int links = 0;
  for (const std::string& descriptor : descriptors) {
    const bool standard =
        descriptor.starts_with("0 ") || descriptor.starts_with("1 ") || descriptor.starts_with("2 ");
    if (descriptor.starts_with("0 ")) {
      EXPECT_EQ(descriptor, "0 /dev/null");
    }
    if (descriptor.find(" socket:") != std::string::npos && !standard) ++links;
    EXPECT_TRUE(standard || descriptor.find(" socket:") != std::string::npos ||
                descriptor.ends_with("/fd"))  // the folder that the body looks into
        << descriptor;
  }
  EXPECT_EQ(links, 1);
}

TEST_F(SupervisorTest, a_body_begins_with_all_signals_as_they_are_by_default) {
  struct sigaction former {};
  struct sigaction ignored {};
  ignored.sa_handler = SIG_IGN;
  ASSERT_EQ(::sigaction(SIGPIPE, &ignored, &former), 0);
  {
    Supervisor supervisor{{program, "serve"}, options()};
    Head head(supervisor, head_log, story);
    EXPECT_EQ(head.crew.ignored_signals().call(), std::vector<int>{});
  }
  ::sigaction(SIGPIPE, &former, nullptr);
}

TEST_F(SupervisorTest, finds_a_program_in_path) {
  const fs::path where = program;
  const std::string former = std::getenv("PATH");
  ASSERT_EQ(::setenv("PATH", ("/nowhere:" + where.parent_path().string()).c_str(), 1), 0);
  {
    Supervisor supervisor{{where.filename().string(), "serve"}, options()};
    Head head(supervisor, head_log, story);
    EXPECT_EQ(head.crew.twice(1).call(), 2);
  }
  ::setenv("PATH", former.c_str(), 1);
}

TEST_F(SupervisorTest, takes_its_name_from_the_program) {
  SupervisorOptions chosen = options();
  chosen.name.clear();
  EXPECT_EQ((Supervisor{{"/opt/mill/mill body", "x"}, chosen}).name(), "mill_body");
}

TEST_F(SupervisorTest, refuses_options_that_make_no_sense) {
  EXPECT_THROW((Supervisor{std::vector<std::string>{}, options()}), ApiParamError);
  SupervisorOptions chosen = options();
  chosen.name = "a/b";
  EXPECT_THROW((Supervisor{{program}, chosen}), ApiParamError);
  chosen = options();
  chosen.environment = {{"A=B", "c"}};
  EXPECT_THROW((Supervisor{{program}, chosen}), ApiParamError);
  chosen = options();
  chosen.pause = -1ms;
  EXPECT_THROW((Supervisor{{program}, chosen}), ApiParamError);
  for (const Duration within : {Duration(0), Duration(-1)}) {
    chosen = options();
    chosen.within = within;
    EXPECT_THROW((Supervisor{{program}, chosen}), ApiParamError) << within.count();
  }
  Supervisor supervisor{{program}, options()};
  EXPECT_THROW(connect(supervisor, "ring"), ApiParamError);
  EXPECT_THROW((ApiArb{connect(supervisor, "mode=0600")}.wait_open(0s)), ApiParamError);
}

TEST_F(SupervisorTest, takes_the_options_of_the_link) {
  Supervisor supervisor{{program, "serve"}, options()};
  CrewApi crew{"crew"};
  ApiArb arb{connect(supervisor, "ring=4096&wait=block").named("crew"), {.log = head_log.log()}};
  arb.attach(crew, {.peer = "crew"});
  EXPECT_EQ(crew.twice(5).call(), 10);
}

TEST_F(SupervisorTest, a_program_that_nobody_supervises_is_told_how_to_be_started) {
  ApiArb arb{listen("supervised://mill")};
  try {
    arb.start();
    FAIL() << "there is nothing to listen at";
  } catch (const TransportDisconnectedError& error) {
    EXPECT_NE(std::string(error.what()).find("supervised://mill: this process has inherited no link"),
              std::string::npos)
        << error.what();
    EXPECT_NE(std::string(error.what()).find("vagus::Supervisor"), std::string::npos);
  }
  EXPECT_EQ(listen_supervised_or("shm://mill").url().to_string(), "shm://mill");
  EXPECT_THROW(ApiArb{connect("supervised://mill")}.wait_open(0s), ApiParamError);
}

TEST_F(SupervisorTest, an_endpoint_may_outlive_its_supervisor) {
  auto supervisor = std::make_unique<Supervisor>(std::vector<std::string>{program, "serve"}, options());
  Head head(*supervisor, head_log, story);
  EXPECT_EQ(head.crew.twice(1).call(), 2);
  supervisor.reset();
  ASSERT_TRUE(story.await(LinkState::disconnected));
  EXPECT_THROW(head.crew.twice(1).call(), TransportDisconnectedError);
}

}  // namespace
}  // namespace vagus::testing
