#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "readers.hpp"

namespace vagus {

namespace {

constexpr std::size_t longest_secret = 4096;

std::optional<PlacedText> from_file(const PlacedText& named, const std::string& what,
                                    const std::string& folder, Faults& faults) {
  const auto path = std::filesystem::path(folder) / named.text;  // an absolute one stays what it is
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(longest_secret + 3, '\0');  // with the end of its line, and one too many
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    faults.add(named.place, what + ": " + path.string() + " cannot be read: " +
                                std::generic_category().message(errno != 0 ? errno : EIO));
    return std::nullopt;
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  if (text.empty() || text.size() > longest_secret || text.find('\n') != std::string::npos) {
    faults.add(named.place, what + ": " + path.string() + " does not hold one line with the secret");
    return std::nullopt;
  }
  return PlacedText{std::move(text), named.place};
}

std::optional<PlacedText> from_environment(const PlacedText& named, const std::string& what, Faults& faults) {
  const char* const text = std::getenv(named.text.c_str());
  if (text != nullptr && *text != '\0') return PlacedText{text, named.place};
  faults.add(named.place,
             what + ": there is no environment variable " + shown(named.text) + ", or it is empty");
  return std::nullopt;
}

}  // namespace

std::optional<PlacedText> read_secret(TableReader& table, const std::string& key, const std::string& folder) {
  const auto file = table.secret_text(key + "_file");
  const auto variable = table.secret_text(key + "_env");
  if (file && variable) {
    table.faults().add(variable->place, table.where() + " has both '" + key + "_file' and '" + key +
                                            "_env'; expected one of them");
    return std::nullopt;
  }
  if (file) return from_file(*file, '\'' + key + "_file' in " + table.where(), folder, table.faults());
  if (variable) return from_environment(*variable, '\'' + key + "_env' in " + table.where(), table.faults());
  return std::nullopt;
}

}  // namespace vagus
