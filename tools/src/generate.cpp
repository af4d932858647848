#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>

#include "commands.hpp"
#include "cpp_header.hpp"
#include "described.hpp"
#include "exit_codes.hpp"
#include "json.hpp"

namespace vagus::tools {

namespace {

std::string read_all(std::istream& from) {
  return {std::istreambuf_iterator<char>(from), std::istreambuf_iterator<char>()};
}

/// What `vagus tree --json` has printed, from a file or from the standard input.
Description read_description(const std::string& file) {
  std::string text;
  if (file == "-") {
    text = read_all(std::cin);
  } else {
    std::ifstream stream(file);
    if (!stream) throw UsageError(file + " cannot be read; a URL has a `://` in it");
    text = read_all(stream);
  }
  try {
    return description_from(JsonConverter({}).to_value(Json::parse(text), "any", file));
  } catch (const Json::parse_error& wrong) {
    throw UsageError(file + " is not what `vagus tree URL --json` prints: it is no JSON from byte " +
                     std::to_string(wrong.byte) + " on");
  } catch (const wire::DecodeError& wrong) {
    throw UsageError(file + " is not what `vagus tree URL --json` prints: " + wrong.what());
  }
}

}  // namespace

void generate(ConnectionOptions connection_options, const GenerateOptions& options) {
  Description described;
  if (options.source.find("://") == std::string::npos) {
    if (options.pattern != "**") {
      throw UsageError("a pattern goes with a URL: a file is what `vagus tree URL " + options.pattern +
                       " --json` has printed");
    }
    described = read_description(options.source);
  } else {
    connection_options.url = options.source;
    Connection connection(connection_options);
    described = tools::described(connection, options.pattern);
  }
  if (described.members.empty()) throw UnknownNameError(options.source + " offers nothing that matches");
  const CppHeader header = cpp_header(described, options.name_space);
  for (const std::string& type : header.unknown_types) {
    std::fprintf(stderr, "vagus: %s packs itself, so that nothing is known of it: a vagus::Value\n",
                 type.c_str());
  }
  std::fputs(header.text.c_str(), stdout);
}

}  // namespace vagus::tools
