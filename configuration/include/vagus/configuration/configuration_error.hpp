/// What is wrong with a configuration.
#pragma once

#include <vagus/core/error.hpp>

namespace vagus {

/// A file that cannot be read, is no TOML, or has a wrong key, type or value in it; or one that does not fit
/// the program. Correct the file. All that is wrong is told at once, a line each, of the form
/// `mill.toml:12:3: what is wrong; what was expected`: file, line and column, from 1 on.
///
/// Never travels, and has no code of its own: code() is that of ApiParamError.
class ConfigurationError : public detail::ErrorLeaf<ConfigurationError, ApiError, ErrorCode::api_param> {
  using ErrorLeaf::ErrorLeaf;
};

}  // namespace vagus
