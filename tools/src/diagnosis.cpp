#include "diagnosis.hpp"

#include <cstdio>
#include <utility>

#include "json.hpp"
#include "terminal.hpp"

namespace vagus::tools {

namespace {

constexpr std::size_t indent = 7;

std::string padded(std::string text) {
  text.resize(indent, ' ');
  return text;
}

void print(const std::string& beginning, const std::string& text) {
  bool first = true;
  const std::size_t width = terminal_width();
  for (const std::string& line : wrapped(text, width > 2 * indent ? width - indent : 0)) {
    std::printf("%s%s\n", first ? beginning.c_str() : padded("").c_str(), line.c_str());
    first = false;
  }
  std::fflush(stdout);
}

}  // namespace

void Diagnosis::wrong(const std::string& what, const std::string& remedy, ExitCode code) {
  if (all_is_well()) code_ = code;
  add({"wrong", what, remedy});
}

void Diagnosis::add(Finding finding) {
  findings_.push_back(std::move(finding));
  if (json_) return;
  const auto& [kind, what, remedy] = findings_.back();
  print(kind == "ok" ? padded(kind) : bold(padded(kind)), what);
  if (!remedy.empty()) print(padded(""), "-> " + remedy);
}

ExitCode Diagnosis::finish() const {
  if (!json_) return code_;
  Json list = Json::array();
  for (const auto& [kind, what, remedy] : findings_) {
    Json one{{"kind", kind}, {"what", what}};
    if (!remedy.empty()) one["remedy"] = remedy;
    list.push_back(std::move(one));
  }
  std::puts(one_line(Json{{"well", all_is_well()}, {"findings", std::move(list)}}).c_str());
  return code_;
}

}  // namespace vagus::tools
