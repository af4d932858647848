// Reads what json_writer.cpp writes: a list of flat objects of texts, numbers and nulls.

#include <cctype>
#include <charconv>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "report/json.hpp"

namespace bench {

namespace {

class Reader {
 public:
  Reader(std::string file, std::string text) : file_(std::move(file)), text_(std::move(text)) {}

  bool accept(char expected) {
    skip_space();
    if (at_ == text_.size() || text_[at_] != expected) return false;
    ++at_;
    return true;
  }

  void expect(char expected) {
    if (!accept(expected)) fail(std::string("a ") + expected + " was expected");
  }

  std::string text() {
    expect('"');
    std::string result;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\') ++at_;
      if (at_ < text_.size()) result += text_[at_++];
    }
    expect('"');
    return result;
  }

  // A text, or a number or null as it stands.
  std::string value() {
    skip_space();
    if (at_ < text_.size() && text_[at_] == '"') return text();
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  std::string("+-.").find(text_[at_]) != std::string::npos)) {
      ++at_;
    }
    if (at_ == begin) fail("a text, a number or null was expected");
    return text_.substr(begin, at_ - begin);
  }

  void expect_end() {
    skip_space();
    if (at_ != text_.size()) fail("the file was expected to end");
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw std::runtime_error(file_ + ": " + what + " at byte " + std::to_string(at_));
  }

 private:
  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_])) != 0) ++at_;
  }

  const std::string file_;
  const std::string text_;
  std::size_t at_ = 0;
};

std::map<std::string, std::string> read_object(Reader& reader) {
  std::map<std::string, std::string> members;
  reader.expect('{');
  do {
    const std::string key = reader.text();
    reader.expect(':');
    members[key] = reader.value();
  } while (reader.accept(','));
  reader.expect('}');
  return members;
}

std::string load(const std::string& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw std::runtime_error("cannot read " + file);
  return text.str();
}

}  // namespace

Ratios read_ratios(const std::string& file) {
  Reader reader(file, load(file));
  Ratios ratios;
  reader.expect('[');
  if (!reader.accept(']')) {
    do {
      auto members = read_object(reader);
      const std::string ratio = members["ratio"];
      const RowName name{members["name"], members["mode"], members["pin"], members["size"]};
      double value = 0;
      const auto parsed = std::from_chars(ratio.data(), ratio.data() + ratio.size(), value);
      if (parsed.ec == std::errc{}) ratios[name.path()] = value;
    } while (reader.accept(','));
    reader.expect(']');
  }
  reader.expect_end();
  return ratios;
}

}  // namespace bench
