#include <algorithm>

#include <vagus/core/error.hpp>

#include "readers.hpp"

namespace vagus {

namespace {

/// One option of a URL, as text; a fault if it cannot be one.
std::optional<std::string> option_text(const Node& node) {
  if (node.text() != nullptr) return *node.text();
  if (const auto* const flag = std::get_if<bool>(&node.value)) return *flag ? "yes" : "no";
  if (std::holds_alternative<std::int64_t>(node.value)) return shown(node);
  if (node.list() == nullptr) return std::nullopt;
  std::string joined;
  for (const Node& element : *node.list()) {
    const auto one = element.list() == nullptr ? option_text(element) : std::nullopt;
    if (!one) return std::nullopt;
    joined += (joined.empty() ? "" : ",") + *one;
  }
  return joined;
}

/// Adds the options that stand beside the URL, for who does not want to write them in it.
void add_options(TableReader& table, Url& url) {
  const Node* const options = table.table("options");
  if (options == nullptr) return;
  for (const Entry& entry : *options->table()) {
    // 0o660 would be 432, and 432 be read as 0o432.
    const auto text = option_text(entry.node);
    if (entry.key == "mode" && entry.node.text() == nullptr) {
      table.refuse("options.mode", entry.node, "text such as \"0660\"");
    } else if (!text) {
      table.refuse("options." + entry.key, entry.node,
                   "text, a whole number, true, false, or a list of these");
    } else if (!url.options.emplace(entry.key, *text).second) {
      table.faults().add(entry.place, "the option '" + shown(entry.key) + "' stands in the URL, too");
    }
  }
  try {
    static_cast<void>(Url::parse(url.to_string()));  // no login among the options, and so on
  } catch (const ApiParamError& wrong) {
    table.faults().add(options->place, wrong.what());
  }
}

/// None if there is no right one.
std::optional<Url> read_url(TableReader& table) {
  const auto text = table.required_text("url");
  std::optional<Url> url;
  if (text) {
    try {
      url = Url::parse(text->text);
    } catch (const ApiParamError& wrong) {
      table.faults().add(text->place, wrong.what());
    }
  }
  Url without = Url::parse("any://thing");  // so that options are looked at in any case
  add_options(table, url ? *url : without);
  return url;
}

void refuse_plain_secrets(TableReader& login) {
  for (const char* const key : {"password", "token"}) {
    const Node* const given = login.forbidden(key);
    if (given == nullptr) continue;
    login.faults().add(given->place, '\'' + std::string(key) + "' in " + login.where() +
                                         ": secrets do not stand in this file; expected '" + key +
                                         "_file' or '" + key + "_env'");
  }
}

void read_login(TableReader& table, const std::string& folder, Endpoint& endpoint) {
  const Node* const node = table.table("login");
  if (node == nullptr) return;
  const std::size_t before = table.faults().count();
  TableReader login(*node, "the login of " + table.where(), table.faults());
  Login said;
  said.user = login.text("user").value_or("");
  refuse_plain_secrets(login);
  const auto password = read_secret(login, "password", folder);
  const auto token = read_secret(login, "token", folder);
  login.finish();
  if (table.faults().count() != before) return;  // what is missing has been told
  if (password) said.password = password->text;
  if (token) said.token = token->text;
  try {
    endpoint = endpoint.login(std::move(said));
  } catch (const ApiParamError& wrong) {
    table.faults().add(node->place, wrong.what());
  }
}

void read_endpoint(const Node& node, Side side, const std::string& folder, Faults& faults,
                   std::vector<EndpointSettings>& endpoints) {
  TableReader table(node, side == Side::body ? "[[listen]]" : "[[connect]]", faults);
  const auto url = read_url(table);
  const auto name = table.placed_text("name");
  Endpoint endpoint(side, url.value_or(Url()));
  if (side == Side::head) read_login(table, folder, endpoint);
  table.finish();
  if (name) {
    const bool taken = std::any_of(endpoints.begin(), endpoints.end(), [&](const EndpointSettings& other) {
      return other.endpoint.name() == name->text;
    });
    if (taken || name->text.empty()) {
      faults.add(name->place, name->text.empty()
                                  ? "the name of an endpoint is empty"
                                  : "another endpoint is named \"" + shown(name->text) + "\", too");
    }
    endpoint = endpoint.named(name->text);
  }
  const Node* const place = table.find("url");
  endpoints.push_back({place != nullptr ? place->place : node.place, std::move(endpoint)});
}

}  // namespace

void read_endpoints(TableReader& top, Side side, const std::string& folder,
                    std::vector<EndpointSettings>& endpoints) {
  const Node::List* const all = top.list(side == Side::body ? "listen" : "connect", "tables");
  if (all == nullptr) return;
  for (const Node& node : *all) read_endpoint(node, side, folder, top.faults(), endpoints);
}

}  // namespace vagus
