/// What can be told of addresses on this machine from outside: for programs that look what runs here, or why
/// somebody cannot be reached.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <vagus/transport/link.hpp>
#include <vagus/transport/url.hpp>

namespace vagus::transport {

/// One address of `shm://`, `unix://` or `msgpack+unix://`, as it was when this value was made.
struct LocalAddress {
  Url url;
  std::string path;  ///< of its socket; empty: it is a name, which has no file and goes with its owner

  // The file at the path.

  bool folder_there = false;   ///< the folder that it lies in
  bool file_there = false;     ///< something of this name
  bool is_socket = false;      ///< and it is a socket
  std::int64_t user_id = -1;   ///< whose it is
  std::int64_t group_id = -1;  ///< likewise
  unsigned mode = 0;           ///< who may do what with it: 0600
  bool may_be_opened = false;  ///< by this process; always for a name
  bool has_lock_file = false;  ///< `<path>.lock` is there and empty, as bodies of this library make it

  /// Who listens there; none if nobody does, or who does may not be asked. To know that is to connect and to
  /// leave again, without a word.
  std::optional<Credentials> listener;
  /// Nobody listens, and the file is what somebody has left behind who did not end in good order. It is in
  /// nobody's way: a body that starts there takes its place.
  bool stale = false;
};

/// Is this a scheme of which look_at() can tell something?
bool is_local(const Url& url) noexcept;

/// Throws ApiParamError for a bad address, and if not is_local().
LocalAddress look_at(const Url& url);

/// Those at which bodies of this user listen, or have listened, in the order of their URLs: of all names of
/// `shm://`, and of the files that have a lock file beside them, as bodies of this library do, and that this
/// user may open. Files that were left behind are found where files of this kind lie: in XDG_RUNTIME_DIR,
/// TMPDIR, /run, /tmp, and wherever others are in use. Names of `unix://` are not found: nothing tells them
/// from those of other programs.
std::vector<LocalAddress> local_addresses();

}  // namespace vagus::transport
