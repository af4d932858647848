// replay PATH...
//
// Stands in for the fuzzer: gives a target each of the files, and those in each of the folders, once.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "support/check.hpp"

namespace {

int repeated = 0;

void repeat(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes{std::istreambuf_iterator<char>(file), {}};
  // Said before, since a finding ends the program.
  std::printf("%s\n", path.c_str());
  std::fflush(stdout);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  ++repeated;
}

}  // namespace

int main(int argc, char** argv) try {
  for (int index = 1; index < argc; ++index) {
    const std::filesystem::path path = argv[index];
    if (!std::filesystem::is_directory(path)) {
      repeat(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path)) repeat(entry.path());
  }
  if (repeated == 0) std::fprintf(stderr, "there was nothing to repeat\n");
  return repeated == 0 ? 1 : 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s\n", error.what());
  return 1;
}
