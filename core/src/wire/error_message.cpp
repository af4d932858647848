#include <string_view>
#include <utility>

#include <vagus/wire/error_message.hpp>
#include <vagus/wire/pack.hpp>

#include "wire/text.hpp"

namespace vagus::wire {

namespace {

// How much of an error in a foreign form is shown.
constexpr std::size_t shown = 1000;

ErrorMessage read_map(Reader& reader) {
  ErrorMessage error;
  const std::size_t entries = reader.map();
  const Reader::Level level{reader};
  for (std::size_t entry = 0; entry < entries; ++entry) {
    const std::string_view key = reader.text();
    if (key == "type") {
      unpack(reader, error.type);
    } else if (key == "message") {
      unpack(reader, error.message);
    } else if (key == "trace") {
      unpack(reader, error.trace);
    } else if (key == "data") {
      unpack(reader, error.data.emplace());
    } else if (key == "execution") {
      unpack(reader, error.execution.emplace());
    } else {
      reader.skip();
    }
  }
  return error;
}

// [code, text]: the code says which kind of error it is where it comes from, and nothing here.
ErrorMessage read_pair(Reader& reader) {
  const std::size_t offset = reader.offset();
  if (reader.array() != 2) reader.fail_type("a code and a text", offset);
  reader.any_integer();
  ErrorMessage error;
  error.message = reader.text();
  return error;
}

ErrorMessage read_text(Reader& reader) {
  ErrorMessage error;
  error.message = reader.text();
  return error;
}

ErrorMessage read_any(Reader& reader) {
  ErrorMessage error;
  detail::append_value(error.message, reader, shown);
  return error;
}

bool has_key(Reader reader, std::string_view wanted) {
  const std::size_t entries = reader.map();
  for (std::size_t entry = 0; entry < entries; ++entry) {
    const Kind kind = reader.peek();
    if ((kind == Kind::str || kind == Kind::bin) && reader.text() == wanted) return true;
    if (kind != Kind::str && kind != Kind::bin) reader.skip();
    reader.skip();
  }
  return false;
}

// The map of ErrorMessage.
bool is_own_form(Reader reader) {
  try {
    return reader.peek() == Kind::map && has_key(reader, "message") && !read_map(reader).message.empty();
  } catch (const TypeError&) {
    return false;
  }
}

// Is it a text, or a code and a text, that says something?
bool has_text(Reader reader) {
  try {
    const Kind kind = reader.peek();
    if (kind == Kind::array) return !read_pair(reader).message.empty();
    return (kind == Kind::str || kind == Kind::bin) && !reader.text().empty();
  } catch (const TypeError&) {
    return false;
  }
}

ErrorMessage read_form(Reader& reader) {
  switch (reader.peek()) {
    case Kind::str:
    case Kind::bin:
      return read_text(reader);
    case Kind::array:
      return read_pair(reader);
    case Kind::map:
      if (has_key(reader, "message")) return read_map(reader);
      break;
    default:
      break;
  }
  return read_any(reader);
}

}  // namespace

ErrorMessage decode_error(Reader& reader) {
  Reader whole = reader;
  reader.skip();
  Reader attempt = whole;
  try {
    return read_form(attempt);
  } catch (const TypeError&) {
    return read_any(whole);  // it looked like a form that is known, and is none
  }
}

ErrorMessage decode_plain_error(Reader& reader) {
  const Reader whole = reader;
  ErrorMessage error = decode_error(reader);
  if (is_own_form(whole)) return error;
  if (!has_text(whole)) {
    Reader shown_again = whole;
    error.message = "the peer's error is ";
    detail::append_value(error.message, shown_again, shown);
  }
  Reader kept = whole;
  unpack(kept, error.data.emplace());
  return error;
}

void pack_plain_error(Writer& writer, const ErrorMessage& error, PlainErrorForm form) {
  if (form == PlainErrorForm::map) {
    ErrorMessage clean = error;
    clean.type = detail::valid_utf8(error.type);
    clean.message = detail::valid_utf8(error.message);
    for (std::string& line : clean.trace) line = detail::valid_utf8(line);
    pack(writer, clean);
    return;
  }
  if (form == PlainErrorForm::pair) {
    writer.array(2);
    writer.unsigned_integer(0);
  }
  writer.str(detail::valid_utf8(error.message));
}

void Codec<ErrorMessage>::pack(Writer& writer, const ErrorMessage& error) {
  writer.map(std::size_t{3} + error.data.has_value() + error.execution.has_value());
  writer.str("type");
  writer.str(error.type);
  writer.str("message");
  writer.str(error.message);
  writer.str("trace");
  wire::pack(writer, error.trace);
  if (error.data) {
    writer.str("data");
    wire::pack(writer, *error.data);
  }
  if (error.execution) {
    writer.str("execution");
    writer.str(*error.execution);
  }
}

void Codec<ErrorMessage>::unpack(Reader& reader, ErrorMessage& error) { error = decode_error(reader); }

}  // namespace vagus::wire
