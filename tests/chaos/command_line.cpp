#include "chaos/command_line.hpp"

#include <charconv>
#include <string>
#include <string_view>

#include <vagus/core/random_number.hpp>

namespace vagus::chaos {

const char* const usage =
    R"(Two processes that call each other, one of which is killed or frozen again and again.

  --rounds N   how many times (200)
  --seed S     what happens in each round; a random one if not given. It is printed
  --from R     the first round (0): what happens depends on the seed and the round's number alone
  --repeat N   all of that so many times (1), since threads take turns as they like
  --hold       leave the processes of a round that fails as they are, until interrupted
)";

namespace {

std::uint64_t number_after(int argc, char** argv, int& place) {
  const std::string option = argv[place];
  if (++place == argc) throw CommandLineError(option + " wants a number");
  const std::string_view text = argv[place];
  std::uint64_t number = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), number);
  if (result.ec != std::errc{} || result.ptr != text.data() + text.size()) {
    throw CommandLineError(option + " wants a number, not '" + std::string(text) + "'");
  }
  return number;
}

}  // namespace

CommandLine parse_command_line(int argc, char** argv) {
  CommandLine line;
  line.seed = detail::random_number() % 1'000'000;
  for (int place = 1; place < argc; ++place) {
    const std::string_view option = argv[place];
    if (option == "--rounds") {
      line.rounds = number_after(argc, argv, place);
    } else if (option == "--seed") {
      line.seed = number_after(argc, argv, place);
    } else if (option == "--from") {
      line.first = number_after(argc, argv, place);
    } else if (option == "--repeat") {
      line.repeat = number_after(argc, argv, place);
    } else if (option == "--hold") {
      line.hold = true;
    } else if (option == "--help") {
      line.help = true;
    } else {
      throw CommandLineError("there is no option " + std::string(option));
    }
  }
  return line;
}

}  // namespace vagus::chaos
