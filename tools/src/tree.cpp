#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>

#include "commands.hpp"
#include "described.hpp"
#include "json.hpp"
#include "terminal.hpp"

namespace vagus::tools {

namespace {

/// One name, and what is below it.
struct Node {
  const ApiDescription* api = nullptr;
  const MemberDescription* member = nullptr;
  std::map<std::string, Node> below;
};

Node& node_of(Node& root, const std::string& name_space) {
  Node* node = &root;
  for (std::size_t begin = 0; begin <= name_space.size();) {
    const std::size_t end = std::min(name_space.find('.', begin), name_space.size());
    node = &node->below[name_space.substr(begin, end - begin)];
    begin = end + 1;
  }
  return *node;
}

std::string remark(const Node& node) {
  if (node.member != nullptr) return node.member->event ? "event" : node.member->handled ? "" : "not handled";
  if (node.api == nullptr) return "";
  std::string text = node.api->version;
  if (!node.api->docs.empty()) text += (text.empty() ? "" : "  ") + node.api->docs;
  return text;
}

void print(const std::map<std::string, Node>& nodes, const std::vector<wire::TypeDescription>& types,
           const std::string& indent, bool top, std::size_t width) {
  std::size_t left = nodes.size();
  for (const auto& [name, node] : nodes) {
    const bool last = --left == 0;
    const std::string branch = top ? "" : last ? "└─ " : "├─ ";
    const std::string shown = node.member != nullptr ? to_string(*node.member, types) : name;
    const std::string beside = remark(node);
    const std::string line = indent + branch + shown;
    const std::string cut = fitted(line, width);
    if (cut == line && !beside.empty() && (width == 0 || columns(line) + 2 + columns(beside) <= width)) {
      std::printf("%s  %s\n", (indent + branch + (node.api != nullptr ? bold(shown) : shown)).c_str(),
                  dim(beside).c_str());
    } else {
      std::printf("%s\n", cut.c_str());
    }
    print(node.below, types, top ? indent : indent + (last ? "   " : "│  "), false, width);
  }
}

}  // namespace

void tree(const ConnectionOptions& connection_options, const TreeOptions& options) {
  Connection connection(connection_options);
  const Description told = described(connection, options.pattern);
  if (options.json) {
    std::puts(one_line(JsonConverter::to_json(to_value(told))).c_str());
    return;
  }
  Node root;
  for (const ApiDescription& api : told.apis) {
    if (!api.name_space.empty()) node_of(root, api.name_space).api = &api;
  }
  for (const MemberDescription& member : told.members) node_of(root, member.name_space).member = &member;
  const auto uptime = std::chrono::duration_cast<std::chrono::seconds>(told.uptime).count();
  std::printf("%s\n", dim(told.name + ", process " + std::to_string(told.process_id) + ", up " +
                          std::to_string(uptime) + " s, Vagus " + told.library)
                          .c_str());
  print(root.below, told.types, "", true, terminal_width());
}

}  // namespace vagus::tools
