#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include <vagus/transport/link.hpp>
#include <vagus/transport/url.hpp>

#include "local/socket_address.hpp"

namespace vagus::transport::local {

/// Who may be at the other end, as the URL says: `?mode=0660&group=mill&users=alice,1000&groups=mill`.
struct Access {
  mode_t mode = 0600;                ///< of the file of a path
  std::optional<gid_t> group;        ///< whose it is; none: this process's
  std::vector<std::int64_t> users;   ///< that may be there besides our own and root
  std::vector<std::int64_t> groups;  ///< likewise: whose members' processes have it as their own group
  bool by_mode = false;              ///< a mode was said and no list: whoever may open the file may be there
};

/// Throws ApiParamError for a value that makes no sense, and a name that nobody has.
Access parse_access(const Url& url);

/// Throws PermissionDeniedError if the process at the other end may not be there: of another user than this
/// one and root, and not in the lists. Only a listener at a path with a mode lets in whoever can open it.
void check_access(const SocketAddress& address, const Access& access, const Credentials& peer);

/// Throws PermissionDeniedError if somebody else could put another socket into the place of this one: the
/// folder is not ours, root's or that of one of the users, or everybody may write there and no sticky bit
/// keeps what others have made.
void check_folder(const SocketAddress& address, const Access& access);

}  // namespace vagus::transport::local
