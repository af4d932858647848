/// The parameters of `$auth`.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include <vagus/core/bytes.hpp>
#include <vagus/transport/endpoint.hpp>

namespace vagus {

/// What a body says in its hello if heads have to log in.
inline constexpr std::string_view login_capability = "auth";

/// The id of a head's `$auth`: it makes no calls before that is answered, so it is never one of them, too.
inline constexpr std::uint32_t login_id = 0x7fff'ffffU;

/// The request that logs in: `[0, id, "$auth", [user, password]]`, or `[token]`.
Bytes encode_login(const Login& login);

/// Reads the array of parameters, text as str or bin. Throws wire::DecodeError that does not show them.
Login decode_login(std::span<const std::byte> params);

}  // namespace vagus
