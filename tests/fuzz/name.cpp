// Names and namespaces, as peers and programs write them.

#include <string>

#include <vagus/core/error.hpp>
#include <vagus/core/name.hpp>

#include "support/check.hpp"
#include "support/input.hpp"

using namespace vagus;

namespace {

template <typename Check>
bool passes(const Check& check_text, std::string_view text) {
  try {
    check_text(text, "the name");
    return true;
  } catch (const ApiParamError& error) {
    fuzz::check(std::string_view(error.what()).size() < 1000, "an error has a bounded text");
    return false;
  }
}

void try_one(std::string_view text) {
  fuzz::check(is_name(text) == passes(check_name, text), "is_name() and check_name() agree");
  fuzz::check(is_namespace(text) == passes(check_namespace, text), "is_namespace() and its check agree");
  const std::string_view parent = parent_namespace(text);
  fuzz::check(is_within(text, parent), "everything is within its parent");
  if (!is_namespace(text)) return;
  fuzz::check(parent.empty() ? is_name(text) : is_namespace(parent), "a namespace has a namespace above");
  if (parent.empty()) return;
  fuzz::check(join_namespace(parent, text.substr(parent.size() + 1)) == text, "a namespace has two parts");
}

void try_two(std::string_view above, std::string_view below) {
  try {
    const std::string joined = join_namespace(above, below);
    fuzz::check(joined.size() <= max_namespace_size, "what is joined is not too long");
    fuzz::check(is_within(joined, above), "what is joined is within what is above");
    if (is_namespace(above) && is_namespace(below)) fuzz::check(is_namespace(joined), "it is a namespace");
  } catch (const ApiParamError&) {
    fuzz::check(above.size() + below.size() >= max_namespace_size, "only what is too long is refused");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  try_one(text);
  const std::size_t end = text.find('\n');
  if (end != std::string_view::npos) try_two(text.substr(0, end), text.substr(end + 1));
  return 0;
}
