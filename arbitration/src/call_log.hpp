/// A line in the log for each call and each request.
#pragma once

#include <string_view>

#include <vagus/arbitration/call_hooks.hpp>
#include <vagus/core/log.hpp>

namespace vagus {

/// Hooks that write one line for each call that has ended and each request that was handled of the namespaces
/// that match. Neither arguments nor results nor the texts of errors, which may quote them, are written. The
/// log has to outlive the hooks. Throws ApiParamError if it is no pattern, see NamePattern.
CallHooks call_log(std::string_view pattern, Log& log, LogLevel level);

}  // namespace vagus
