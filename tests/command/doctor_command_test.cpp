// `vagus doctor`: what it finds, what it advises, and how it ends.

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include <vagus/vagus.hpp>

#include "json.hpp"
#include "left_socket.hpp"
#include "run_command.hpp"
#include "support/process.hpp"
#include "terminal.hpp"

namespace vagus::testing {
namespace {

std::string own_path(const std::string& name) {
  return "/tmp/vagus-" + name + '-' + std::to_string(::getpid()) + ".socket";
}

Outcome doctor(const std::string& url, std::vector<std::string> further = {}) {
  further.insert(further.begin(), {"doctor", url});
  return run_command(further);
}

void expect(const Outcome& outcome, int code, const std::string& finding) {
  EXPECT_EQ(outcome.code, code) << outcome.output << outcome.errors;
  EXPECT_NE(outcome.output.find(finding), std::string::npos) << outcome.output;
}

TEST(DoctorCommand, finds_a_body_well) {
  const std::string path = own_path("well");
  ApiBase mill("mill");
  mill.set_handler("stop", [] {});
  ApiArb body(listen("unix://" + path), {.name = "shop"});
  body.attach(mill);
  body.start();
  const Outcome found = doctor("unix://" + path, {"-t", "60s"});
  expect(found, 0, "\nok     the link to shop is open\n");
  expect(found, 0, "\nok     process " + std::to_string(::getpid()) + " (");
  expect(found, 0, "\nok     it offers 1 method that it handles, and 0 events\n");
  expect(found, 0, "\nok     both sides are Vagus ");
  EXPECT_EQ(found.output.find("wrong"), std::string::npos) << found.output;
  EXPECT_EQ(found.output.find('\033'), std::string::npos);
}

TEST(DoctorCommand, looks_at_the_surroundings_alone) {
  expect(run_command({"doctor"}), 0, "links over shared memory can be made here");
}

TEST(DoctorCommand, finds_what_is_wrong_with_a_url) {
  expect(doctor("mill"), 2, "is not a URL");
  expect(doctor("shn://mill"), 2, "shn:// is not known; did you mean shm?");
  expect(doctor("unix://mill"), 2, "neither a path");
}

TEST(DoctorCommand, finds_that_nobody_listens_and_who_may_have_been_meant) {
  const std::string name = "shm://vagus-doctor-test-" + std::to_string(::getpid());
  ApiArb body(listen(name));
  body.start();
  expect(doctor(name + "9"), 3, "did you mean " + name + "?");
}

TEST(DoctorCommand, finds_what_is_wrong_with_a_path) {
  expect(doctor("unix:///nowhere/mill.socket"), 3, "the folder of /nowhere/mill.socket is not there");
  expect(doctor("unix://" + own_path("missing")), 3, "is not there: nobody listens");
  const std::string file = own_path("file");
  std::ofstream(file).put('x');
  expect(doctor("shm://" + file), 3, "it is no socket");
  std::filesystem::remove(file);
}

TEST(DoctorCommand, finds_what_was_left_behind) {
  const LeftSocket left(own_path("left"), true);
  expect(doctor("unix://" + left.path()), 3, "left behind by a body that was killed");
}

TEST(DoctorCommand, finds_a_body_that_is_halted) {
  const std::string path = own_path("halted");
  {
    const Signpost listening;
    Process process([&] {
      ApiArb body(listen("unix://" + path));
      body.start();
      listening.raise();
      ::pause();
    });
    listening.wait();
    process.halt();
    const Outcome found = doctor("unix://" + path, {"-t", "300ms"});
    expect(found, 3, "the body does not answer");
    expect(found, 3, "kill -CONT " + std::to_string(process.id()));
  }
  std::filesystem::remove(path);
  std::filesystem::remove(path + ".lock");
}

TEST(DoctorCommand, finds_that_a_login_is_wanted) {
  const std::string url = "unix://" + own_path("guarded");
  const std::string hash = hash_token(make_token());
  const Users users{{.name = "panel", .token_hash = hash}};
  ApiArb body(listen(url), {.users = users});
  body.start();
  expect(doctor(url, {"-t", "60s"}), 6, "VAGUS_PASSWORD");
}

TEST(DoctorCommand, finds_that_the_permissions_are_for_others) {
  const std::string url = "unix://" + own_path("permissions");
  const Permissions permissions{{.user = "anna", .call = {"**"}}};
  ApiArb body(listen(url), {.permissions = permissions});
  body.start();
  expect(doctor(url, {"-t", "60s"}), 0, "note   it offers nothing that this side may know of");
}

TEST(DoctorCommand, tells_it_to_programs) {
  const Outcome found = doctor("unix:///nowhere/mill.socket", {"--json"});
  EXPECT_EQ(found.code, 3);
  const auto told = tools::Json::parse(found.output);
  EXPECT_EQ(told["well"], false);
  EXPECT_EQ(told["findings"][0]["kind"], "ok");
  EXPECT_EQ(told["findings"][1]["kind"], "wrong");
  EXPECT_NE(told["findings"][1]["remedy"], "");
}

TEST(DoctorCommand, breaks_its_lines_for_a_terminal) {
  const LeftSocket left(own_path("terminal"), true);
  TerminalSession session({"doctor", "unix://" + left.path()});
  EXPECT_EQ(session.finish(), 3);
  EXPECT_TRUE(session.await("\033[1mwrong  \033[0mnobody listens there")) << session.shown();
  for (const std::string& line : plain_lines(session.shown())) EXPECT_LE(tools::columns(line), 80u) << line;
}

}  // namespace
}  // namespace vagus::testing
