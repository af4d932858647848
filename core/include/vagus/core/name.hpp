/// Names and dot-separated namespaces: `machine.x.move_to`. Case-sensitive, each part
/// `[A-Za-z_][A-Za-z0-9_]*`.
#pragma once

#include <string>
#include <string_view>

namespace vagus {

/// The longest namespace that is accepted, in bytes.
inline constexpr std::size_t max_namespace_size = 1024;

/// In the place of a root API's namespace: its members stand below nothing, `nvim_eval` say, as they do at
/// most servers that speak MessagePack-RPC.
struct NoNamespace {};
inline constexpr NoNamespace no_namespace{};

bool is_name(std::string_view text) noexcept;
bool is_namespace(std::string_view text) noexcept;

/// Throws ApiParamError that says which character of `what` (such as "the method's name") is wrong and what
/// is allowed.
void check_name(std::string_view text, std::string_view what);
void check_namespace(std::string_view text, std::string_view what);

/// `machine` and `x.move_to` give `machine.x.move_to`. Throws ApiParamError if that is too long.
std::string join_namespace(std::string_view above, std::string_view below);

/// `machine.x` of `machine.x.move_to`; empty of `machine`.
std::string_view parent_namespace(std::string_view name_space) noexcept;

/// True if `name_space` is `above` or lies below it.
bool is_within(std::string_view name_space, std::string_view above) noexcept;

}  // namespace vagus
