#pragma once

#include <string>

namespace vagus::testing {

/// The options with which both ends of a URL of `tls://` find each other in tests:
/// "ca=...&certificate=...&key=...". The certificate is for `localhost`, 127.0.0.1, ::1 and the process's own
/// loopback address; it is made before the first test, and gone after the last.
const std::string& own_tls_options();

}  // namespace vagus::testing
