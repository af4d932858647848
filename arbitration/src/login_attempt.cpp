#include "login_attempt.hpp"

#include <vagus/wire/codec.hpp>
#include <vagus/wire/message.hpp>

namespace vagus {

namespace {

constexpr std::size_t longest_text = 1024;

std::string read_text(wire::Reader& params) {
  const std::string_view text = params.text();
  if (text.empty() || text.size() > longest_text) throw wire::TypeError("not a str of 1 to 1024 bytes");
  return std::string(text);
}

}  // namespace

Bytes encode_login(const Login& login) {
  return wire::written([&](wire::Writer& writer) {
    wire::begin_request(writer, login_id, "$auth", false);
    if (login.token.empty()) {
      writer.array(2);
      writer.str(login.user);
      writer.str(login.password);
    } else {
      writer.array(1);
      writer.str(login.token);
    }
  });
}

Login decode_login(std::span<const std::byte> params) {
  try {
    wire::Reader reader(params);
    const std::size_t count = reader.array();
    Login login;
    if (count == 2) login.user = read_text(reader);
    if (count == 2) login.password = read_text(reader);
    if (count == 1) login.token = read_text(reader);
    if (!login.empty()) return login;
  } catch (const wire::DecodeError&) {  // its text may show what came
  }
  throw wire::TypeError("$auth takes a user and a password, or a token: each a str of 1 to 1024 bytes");
}

}  // namespace vagus
