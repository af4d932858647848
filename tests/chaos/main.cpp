// What ./dev chaos runs; called with --side it is one of the two processes that suffer it.
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "chaos/command_line.hpp"
#include "chaos/rounds.hpp"

namespace {

using namespace vagus::chaos;

/// A folder for sockets, that goes with this object.
class Folder {
 public:
  Folder() : path_((std::filesystem::temp_directory_path() / "vagus-chaos-XXXXXX").string()) {
    if (::mkdtemp(path_.data()) == nullptr)
      throw std::system_error(errno, std::generic_category(), "mkdtemp");
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

void say_what_failed(const CommandLine& line, std::uint64_t round, const std::string& why) {
  const auto seed = static_cast<unsigned long long>(line.seed);
  const auto number = static_cast<unsigned long long>(round);
  std::fflush(stdout);
  std::fprintf(stderr,
               "\nround %llu of seed %llu failed: %s\n%s\nrun it again: ./dev chaos --seed %llu --from %llu "
               "--rounds 1 --repeat 100\n",
               number, seed, to_string(stretch_of(line.seed, round), plan_of(line.seed, round)).c_str(),
               why.c_str(), seed, number);
}

enum class Outcome { passed, failed, interrupted };
constexpr int exit_interrupted = 130;  // as a shell has it

Outcome run_rounds(const CommandLine& line, const std::string& folder, Tally& tally) {
  std::unique_ptr<Rounds> rounds;
  std::uint64_t round = line.first;
  try {
    for (const std::uint64_t end = line.first + line.rounds; round < end; ++round) {
      if (!rounds) rounds = std::make_unique<Rounds>(line.seed, round, folder, tally);
      rounds->run(round);
      tally.round_done();
      if ((round + 1) % stretch_length == 0 || round + 1 == end) {
        rounds->finish();
        rounds.reset();
      }
      if ((round + 1) % 1000 == 0) {
        std::printf("%llu rounds\n", static_cast<unsigned long long>(round + 1));
        std::fflush(stdout);
      }
    }
    return Outcome::passed;
  } catch (const Interrupted&) {
    return Outcome::interrupted;
  } catch (const RoundFailed& failure) {
    say_what_failed(line, std::min(round, line.first + line.rounds - 1), failure.what());
    if (line.hold) {
      std::fprintf(stderr, "the processes are left as they are, until this one is interrupted\n");
      ::pause();
    }
    return Outcome::failed;
  }
}

int run_driver(const CommandLine& line) {
  const auto begin = Clock::now();
  std::printf("seed %llu, rounds %llu to %llu\n", static_cast<unsigned long long>(line.seed),
              static_cast<unsigned long long>(line.first),
              static_cast<unsigned long long>(line.first + line.rounds - 1));
  std::fflush(stdout);
  Tally tally;
  Outcome outcome = Outcome::passed;
  {
    const Folder folder;
    for (std::uint64_t time = 0; time < line.repeat && outcome == Outcome::passed; ++time) {
      outcome = run_rounds(line, folder.path(), tally);
    }
  }
  tally.print();
  if (::waitpid(-1, nullptr, WNOHANG) != -1 || errno != ECHILD) {
    std::fprintf(stderr, "a child process is left\n");
    outcome = Outcome::failed;
  }
  const auto took = std::chrono::duration<double>(Clock::now() - begin).count();
  if (outcome == Outcome::interrupted) {
    std::printf("interrupted after %llu rounds, %.1f s\n", static_cast<unsigned long long>(tally.rounds()),
                took);
    return exit_interrupted;
  }
  for (const std::string& point : tally.never_reached()) {
    std::fprintf(stderr, "no process ever came to %s\n", point.c_str());
    outcome = Outcome::failed;
  }
  std::printf("%s in %.1f s\n", outcome == Outcome::passed ? "passed" : "FAILED", took);
  return outcome == Outcome::passed ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 5 && std::strcmp(argv[1], "--side") == 0) {
    const Role role = std::strcmp(argv[2], "body") == 0 ? Role::body : Role::head;
    return run_side(role, argv[3], std::strtoull(argv[4], nullptr, 10));
  }
  try {
    const CommandLine line = parse_command_line(argc, argv);
    if (line.help) {
      std::fputs(usage, stdout);
      return 0;
    }
    return run_driver(line);
  } catch (const CommandLineError& error) {
    std::fprintf(stderr, "vagus_chaos: %s\n%s", error.what(), usage);
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "vagus_chaos: %s\n", error.what());
    return 1;
  }
}
