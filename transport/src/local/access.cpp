#include "local/access.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <string>

#include <grp.h>
#include <pwd.h>

#include <vagus/core/error.hpp>

#include "posix/peer_credentials.hpp"
#include "posix/system_error.hpp"

namespace vagus::transport::local {

namespace {

constexpr std::int64_t root = 0;

[[noreturn]] void refuse(const Url& url, const std::string& fault) {
  throw ApiParamError(url.to_string() + ": " + fault);
}

template <typename Number>
std::optional<Number> number_from(const std::string& text, int base) {
  Number number{};
  const char* end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number, base);
  return result.ec == std::errc{} && result.ptr == end ? std::optional(number) : std::nullopt;
}

mode_t parse_mode(const Url& url, const std::string& text) {
  const auto mode = number_from<mode_t>(text, 8);
  if (!mode || *mode > 0777) refuse(url, "mode=" + text + " is not a file mode such as 0660");
  return *mode;
}

// The answers of these functions are copied at once: whoever asks for a name meanwhile, on another thread of
// the program, would change them, hence the forms with a buffer of our own.
constexpr std::size_t buffer_size = 16384;

std::optional<std::int64_t> user_named(const std::string& name) {
  std::vector<char> buffer(buffer_size);
  passwd entry{};
  passwd* found = nullptr;
  ::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? std::optional<std::int64_t>(found->pw_uid) : std::nullopt;
}

std::optional<std::int64_t> group_named(const std::string& name) {
  std::vector<char> buffer(buffer_size);
  group entry{};
  group* found = nullptr;
  ::getgrnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? std::optional<std::int64_t>(found->gr_gid) : std::nullopt;
}

template <typename Named>
std::int64_t parse_one(const Url& url, const std::string& option, const std::string& name,
                       const Named& named) {
  if (const auto number = number_from<std::uint32_t>(name, 10)) return *number;
  if (const auto number = named(name)) return *number;
  refuse(url, option + "=" + name + ": there is none of this name here");
}

template <typename Named>
std::vector<std::int64_t> parse_list(const Url& url, const std::string& option, const std::string& text,
                                     const Named& named) {
  std::vector<std::int64_t> list;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    list.push_back(parse_one(url, option, text.substr(begin, end - begin), named));
    begin = end + 1;
  }
  return list;
}

bool among(const std::vector<std::int64_t>& list, std::int64_t wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

bool is_trusted(const Access& access, std::int64_t user) {
  return user == root || user == static_cast<std::int64_t>(::geteuid()) || among(access.users, user);
}

}  // namespace

Access parse_access(const Url& url) {
  Access access;
  for (const auto& [name, value] : url.options) {
    if (name == "mode") access.mode = parse_mode(url, value);
    if (name == "group") access.group = static_cast<gid_t>(parse_one(url, name, value, group_named));
    if (name == "users") access.users = parse_list(url, name, value, user_named);
    if (name == "groups") access.groups = parse_list(url, name, value, group_named);
  }
  access.by_mode = url.options.contains("mode") && access.users.empty() && access.groups.empty();
  return access;
}

void check_access(const SocketAddress& address, const Access& access, const Credentials& peer) {
  if (access.by_mode && !address.is_abstract()) return;
  if (is_trusted(access, peer.user_id) || among(access.groups, peer.group_id)) return;
  throw PermissionDeniedError(address.text() + ": " + posix::to_string(peer) +
                              " is of another user than this, " + std::to_string(::geteuid()) +
                              ", and not among those that the URL lets in (users, groups)");
}

void check_folder(const SocketAddress& address, const Access& access) {
  const std::string& path = address.path();
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == 0 ? "/" : path.substr(0, slash);
  struct stat facts {};
  if (::stat(folder.c_str(), &facts) != 0) posix::throw_system_error("stat", folder, errno);
  if (!is_trusted(access, facts.st_uid)) {
    throw PermissionDeniedError(address.text() + ": the folder " + folder + " belongs to user " +
                                std::to_string(facts.st_uid) + ", who could put another socket there");
  }
  const bool anybody = (facts.st_mode & S_IWOTH) != 0 && (facts.st_mode & S_ISVTX) == 0;
  if (anybody) {
    throw PermissionDeniedError(address.text() + ": everybody may write to the folder " + folder +
                                ", and could put another socket there: chmod o-w or +t");
  }
}

}  // namespace vagus::transport::local
