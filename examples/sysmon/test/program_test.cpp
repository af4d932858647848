// The program without a terminal, and its body asked by another head.
//
//   sysmon_program_test SYSMON FOLDER
//
// FOLDER is where sysmon.toml is.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include <vagus/vagus.hpp>

#include "child.hpp"
#include "expect.hpp"
#include "system_api.hpp"

namespace {

using namespace std::chrono_literals;

std::string program;

struct Ran {
  int status;
  std::string output;
};

Ran run(const std::string& arguments) {
  FILE* pipe = ::popen(("'" + program + "' " + arguments + " 2>&1 </dev/null").c_str(), "r");
  EXPECT(pipe != nullptr);
  std::string output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, output};
}

void without_a_terminal_it_prints_lines() {
  const Ran ran = run("--seconds 2");
  std::cout << ran.output;
  EXPECT(ran.status == 0);
  std::istringstream lines(ran.output);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    if (count == 2) {
      double failed_in = -1.0;
      double restarted_in = -1.0;
      EXPECT(std::sscanf(line.c_str(),
                         "body killed: 3 calls failed in %lf %*[ms], restarted in %lf %*[ms], 0 hung",
                         &failed_in, &restarted_in) == 2);
      EXPECT(line.ends_with("0 hung, 0 left over"));
      continue;
    }
    int cpu = -1;
    double used = -1.0;
    double total = -1.0;
    EXPECT(std::sscanf(line.c_str(), "cpu %d %%  memory %lf %*[KMGT]iB of %lf", &cpu, &used, &total) == 3);
    EXPECT(cpu >= 0 && cpu <= 100 && used > 0.0 && total > 0.0);
    double median = 0.0;
    const auto top = line.find("  top ");
    const auto call = line.rfind("  call p50 ");
    EXPECT(top != std::string::npos && call != std::string::npos && top < call);
    double second = 0.0;
    EXPECT(std::sscanf(line.c_str() + call, "  call p50 %lf %*[um]s, of head 2 %lf %*[um]s", &median,
                       &second) == 2);
    EXPECT(median > 0.0 && second > 0.0);
  }
  EXPECT(count == 3);
}

void wrong_arguments_are_explained() {
  for (const char* wrong :
       {"--fast", "head", "head nonsense", "head carrier-pigeon://home", "--seconds 0", "second-head"}) {
    const Ran ran = run(wrong);
    EXPECT(ran.status == 2);
    EXPECT(ran.output.starts_with("sysmon: "));
  }
  EXPECT(run("--help").status == 0);
}

/// A head of our own, as somebody else might write it.
void check_body(const std::string& url, bool allow_signal) {
  sysmon::SystemApi system{"system", {.timeout = 10s}};
  vagus::ApiArb arb{vagus::connect(url)};
  arb.attach(system);
  arb.wait_open(10s);

  EXPECT(!system.cpu.load().call().empty());
  EXPECT(system.memory.usage().call().total_bytes > 0);
  const auto top = system.processes.top(2, sysmon::SortBy::memory).call();
  EXPECT(top.size() == 2 && top[0].memory_bytes >= top[1].memory_bytes && !top[0].command.empty());
  EXPECT(system.processes.top(1).call().size() == 1);  // by cpu, the declared default

  Child victim = Child::program({"/bin/sleep", "60"});
  const auto id = static_cast<std::int64_t>(victim.id());
  if (allow_signal) {
    system.processes.signal(id, SIGTERM).call();
    EXPECT(victim.wait(10s) == 128 + SIGTERM);
    EXPECT(throws<std::invalid_argument>([&] { system.processes.signal(-1, SIGTERM).call(); }));
    EXPECT(throws<vagus::RemoteError>([&] { system.processes.signal(::getpid(), 12345).call(); }));
  } else {
    const auto refused = system.processes.signal(id, SIGTERM).try_call();
    EXPECT(!refused.has_value());
    EXPECT(std::string(refused.error().what()).find("--allow-signal") != std::string::npos);
    EXPECT(victim.wait(0ms) == -1);
  }
}

#ifdef SYSMON_CONFIGURATION

/// A file of the example, at a URL of this test, as long as it lives.
class ConfigFile {
 public:
  ConfigFile(const std::string& folder, const std::string& name, const std::string& url)
      : path_("/tmp/sysmon-test-" + std::to_string(::getpid()) + '-' + name) {
    std::stringstream text;
    text << std::ifstream(folder + '/' + name).rdbuf();
    text_ = text.str();
    const std::string usual = "\"shm://sysmon\"";
    const auto found = text_.find(usual);
    EXPECT(found != std::string::npos);
    text_.replace(found, usual.size(), '"' + url + '"');
    write(text_);
  }
  ~ConfigFile() { ::unlink(path_.c_str()); }
  ConfigFile(const ConfigFile&) = delete;
  ConfigFile& operator=(const ConfigFile&) = delete;

  void write(const std::string& text) const { std::ofstream(path_) << text; }
  const std::string& path() const { return path_; }
  const std::string& text() const { return text_; }

 private:
  const std::string path_;
  std::string text_;
};

void files_say_what_the_command_line_does_not(const std::string& folder) {
  const std::string url = own_url("sysmon-test");
  const ConfigFile for_body(folder, "sysmon.toml", url);
  const ConfigFile for_head(folder, "sysmon_head.toml", url);
  Child body = Child::program({program, "body", "--config", for_body.path()});
  check_body(url, false);
  EXPECT(run("head --seconds 1 --config " + for_head.path()).status == 0);
  {
    vagus::ApiArb arb{vagus::connect(url)};
    const auto host = arb.proxy("host");  // which is declared nowhere but in the file
    EXPECT(host.action("load_average").call<double>() >= 0.0);
    EXPECT(host.action("load_average", vagus::kw("minutes", 5)).call<double>() >= 0.0);
    EXPECT(throws<std::invalid_argument>([&] { host.action("load_average", 3).call<double>(); }));
  }
  EXPECT(body.terminate() == 0);

  for_body.write(for_body.text() + "\n[api.labs]\nworkers = \"two\"\n");
  const Ran wrong = run("body --config " + for_body.path());
  EXPECT(wrong.status == 2);
  EXPECT(wrong.output.starts_with(for_body.path() + ':'));
  EXPECT(wrong.output.find("'workers' in [api.labs] is \"two\"") != std::string::npos);

  // What has no effect, and what a transport does not know, is told with its place, whoever starts it.
  for_body.write(for_body.text() + "\n[api.labs]\n");
  EXPECT(run("body --config " + for_body.path()).output.starts_with(for_body.path() + ':'));
  for (const std::string wrong_url : {"shn://sysmon", "shm://sysmon?rign=1"}) {
    for (const ConfigFile* file : {&for_body, &for_head}) {
      std::string text = file->text();
      text.replace(text.find(url), url.size(), wrong_url);
      file->write(text);
      const Ran refused = run((file == &for_body ? "body --config " : "head --config ") + file->path());
      EXPECT(refused.status == 2);
      EXPECT(refused.output.starts_with(file->path() + ':'));
    }
  }
  for_head.write("name = \"nobody\"\n");
  EXPECT(run("head --config " + for_head.path()).output.find("neither [[listen]] nor [[connect]]") !=
         std::string::npos);

  EXPECT(run("body " + url + " --config " + for_body.path()).status == 2);
  EXPECT(run("--config " + for_body.path()).status == 2);
}

#endif

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: sysmon_program_test SYSMON FOLDER\n";
    return 2;
  }
  program = argv[1];
#ifdef SYSMON_CONFIGURATION
  files_say_what_the_command_line_does_not(argv[2]);
#endif
  wrong_arguments_are_explained();
  without_a_terminal_it_prints_lines();
  for (const bool allow_signal : {false, true}) {
    const std::string url = own_url("sysmon-test");
    std::vector<std::string> command{program, "body", url};
    if (allow_signal) command.emplace_back("--allow-signal");
    Child body = Child::program(command);
    check_body(url, allow_signal);
    EXPECT(body.terminate() == 0);
  }
}
