#pragma once

#include "posix/file_descriptor.hpp"

namespace vagus::transport::posix {

struct Pipe {
  FileDescriptor read_end;
  FileDescriptor write_end;
};

/// A pipe, neither end of which waits, and whose write end another process, of another user too, may take by
/// open_passed_pipe().
Pipe create_pipe();

/// Opens a pipe anew, of which a peer has sent a descriptor. The flags of a passed descriptor are shared with
/// the peer, who could make our writes wait by taking O_NONBLOCK away; those of the descriptor returned are
/// ours alone. It is also a reader of the pipe, so that writing never raises SIGPIPE. Throws ProtocolError if
/// it is no pipe.
FileDescriptor open_passed_pipe(int fd);

}  // namespace vagus::transport::posix
