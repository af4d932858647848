// Neovim, which we call and which calls us.

#include "interop/interop_fixture.hpp"

namespace vagus::testing {
namespace {

/// A part of what Neovim offers; its names have no dots.
class NeovimApi : public ApiBase {
 public:
  using ApiBase::ApiBase;

  using Lines = std::vector<std::string>;
  Method<Value(std::string)> eval{this, "nvim_eval"};
  Method<std::string(std::string, bool)> exec{this, "nvim_exec"};
  Method<Value(std::string, Array)> call_function{this, "nvim_call_function"};
  Method<Array()> get_api_info{this, "nvim_get_api_info"};
  Method<void(int, int, int, bool, Lines)> set_lines{this, "nvim_buf_set_lines"};
  Method<Lines(int, int, int, bool)> get_lines{this, "nvim_buf_get_lines"};
  Method<bool(int, bool, Map)> attach{this, "nvim_buf_attach"};
  Event<void(Value, std::optional<int>, int, int, Lines, bool)> lines_changed{this, "nvim_buf_lines_event"};
  Event<void(std::string)> begun{this, "begun"};
};

/// An editor without a screen.
struct Editor {
  Editor()
      : program({"/usr/bin/nvim", "--clean", "--headless", "--listen", folder / "editor"}, "neovim", folder) {
  }
  std::string url() const { return "msgpack+unix://" + folder / "editor"; }

  Folder folder;
  Program program;
};

/// A head that has connected to it.
struct Neovim {
  explicit Neovim(const std::string& url) : arb(connect(url), {.log = log.log()}) {
    arb.attach(api);
    arb.wait_open(generous);
  }
  /// Our channel, as Neovim counts them.
  std::string channel() { return std::to_string(api.get_api_info().call().at(0).integer()); }

  RecordedLog log;
  NeovimApi api{no_namespace};
  ApiArb arb;
};

/// The text of the error that a call comes to.
template <typename Action>
std::string text_of_error(const Action& action) {
  const auto result = action.try_call();
  if (result) return "none";
  EXPECT_EQ(result.error().code(), ErrorCode::remote) << result.error().what();
  return result.error().what();
}

TEST(Neovim, is_called_over_a_unix_socket) {
  const Editor editor;
  Neovim neovim(editor.url());
  EXPECT_EQ(neovim.api.eval("6 * 7").call(), Value(42));
  EXPECT_EQ(
      neovim.arb.proxy().action("nvim_eval", "[1, 2.5, 'three', v:null, {'four': v:true}]").call<Value>(),
      Value(Array{1, 2.5, "three", nullptr, Map{{"four", true}}}));
  EXPECT_TRUE(neovim.arb.peers().at(0).plain);
  EXPECT_EQ(text_of_error(neovim.api.eval("6 *")), "Vim:E15: Invalid expression: 6 *");
  EXPECT_EQ(text_of_error(neovim.arb.proxy().action("nvim_nix").as<Value>()), "Invalid method: nvim_nix");
  // The kind of the error, which the text does not say.
  const auto wrong = neovim.arb.proxy().action("nvim_buf_line_count", 4711).try_call<int>();
  const auto* remote = dynamic_cast<const RemoteError*>(&wrong.error());
  ASSERT_NE(remote, nullptr);
  EXPECT_EQ(remote->data()->array().at(0), Value(1)) << "a validation error";
}

TEST(Neovim, is_called_over_tcp) {
  const Editor editor;
  Neovim neovim(editor.url());
  const std::string address = neovim.api.call_function("serverstart", Array{"127.0.0.1:0"}).call().string();
  Neovim over_tcp("msgpack+tcp://" + address);
  EXPECT_EQ(over_tcp.api.eval("1 + 1").call(), Value(2));
  const std::string large(300'000, 'x');
  EXPECT_EQ(over_tcp.api.call_function("toupper", Array{large}).call(),
            Value(std::string(large.size(), 'X')));
  std::vector<AsyncResult<Value>> many;
  for (int number = 0; number < 200; ++number)
    many.push_back(over_tcp.api.eval(std::to_string(number)).async());
  for (int number = 0; number < 200; ++number) {
    EXPECT_EQ(many[static_cast<std::size_t>(number)].get(), Value(number));
  }
}

TEST(Neovim, edits_text_and_tells_of_it) {
  const Editor editor;
  Neovim neovim(editor.url());
  Notes changes;
  const auto listening = neovim.api.lines_changed.subscribe(
      [&](const Value&, const std::optional<int>&, int first, int last, const NeovimApi::Lines& lines, bool) {
        std::string text = std::to_string(first) + "-" + std::to_string(last) + ":";
        for (const std::string& line : lines) text += " " + line;
        changes.add(text);
      });
  ASSERT_TRUE(neovim.api.attach(0, false, Map{}).call());
  neovim.api.set_lines(0, 0, -1, true, NeovimApi::Lines{"one", "zwei", "drei"}).call();
  neovim.api.set_lines(0, 0, 1, true, NeovimApi::Lines{"eins"}).call();
  EXPECT_EQ(neovim.api.get_lines(0, 0, -1, true).call(), (NeovimApi::Lines{"eins", "zwei", "drei"}));
  EXPECT_TRUE(changes.await_line("0-1: one zwei drei"));
  EXPECT_TRUE(changes.await_line("0-1: eins"));
  // Nobody subscribes to nvim_buf_changedtick_event: it is counted, and nothing else.
  EXPECT_GT(neovim.arb.stats().messages_unhandled, 0u);
  EXPECT_TRUE(neovim.arb.connected());
}

TEST(Neovim, notifies_us) {
  const Editor editor;
  Neovim neovim(editor.url());
  Notes heard;
  const auto listening = neovim.api.begun.subscribe([&](const std::string& text) { heard.add(text); });
  neovim.api.exec("call rpcnotify(" + neovim.channel() + ", 'begun', 'hello')", false).call();
  EXPECT_TRUE(heard.await_line("hello"));
  // A notification that it does not know makes it send an error event; both survive it.
  neovim.arb.proxy().action("nvim_nix", 1).post();
  EXPECT_EQ(neovim.api.eval("2").call(), Value(2));
}

TEST(Neovim, calls_a_handler_while_it_is_called) {
  const Editor editor;
  Neovim neovim(editor.url());
  NeovimApi& api = neovim.api;
  PanelApi panel{"panel"};
  panel.add.handle([&](int a, int b) {
    return static_cast<int>(api.eval(std::to_string(a) + "+" + std::to_string(b)).call().integer());
  });
  neovim.arb.attach(panel);
  EXPECT_EQ(api.eval("rpcrequest(" + neovim.channel() + ", 'panel.add', 3, 4)").call(), Value(7));
}

/// Has the editor connect to us and evaluate an expression in which `channel` stands for us.
Value evaluated_by(Neovim& neovim, const std::string& connecting, const std::string& expression) {
  neovim.api.exec("let channel = " + connecting, false).call();
  return neovim.api.eval(expression).call();
}

TEST(Neovim, calls_us_as_a_client) {
  const Editor editor;
  Panel panel("unix://" + editor.folder / "panel");
  Neovim neovim(editor.url());
  const std::string connecting = "sockconnect('pipe', '" + editor.folder / "panel" + "', {'rpc': v:true})";
  EXPECT_EQ(evaluated_by(neovim, connecting, "rpcrequest(channel, 'panel.add', 20, 22)"), Value(42));
  EXPECT_EQ(neovim.api.eval("rpcrequest(channel, 'panel.value', {'list': [1, 'zwei']})").call(),
            Value(Map{{"list", Array{1, "zwei"}}}));
  neovim.api.eval("rpcnotify(channel, 'panel.ticked', 5)").call();
  EXPECT_TRUE(panel.ticks.await_line("5"));

  // What our handler throws is what the user of the editor reads.
  EXPECT_NE(text_of_error(neovim.api.exec("call rpcrequest(channel, 'panel.work', 1)", false))
                .find("the axis ends at 300 mm"),
            std::string::npos);
  EXPECT_NE(text_of_error(neovim.api.exec("call rpcrequest(channel, 'panel.nix')", false))
                .find("nothing handles panel.nix"),
            std::string::npos);
}

TEST(Neovim, that_has_connected_to_us_is_called_by_name_and_sent_events) {
  const Editor editor;
  Panel panel("unix://" + editor.folder / "panel");
  Neovim neovim(editor.url());
  evaluated_by(neovim, "sockconnect('pipe', '" + editor.folder / "panel" + "', {'rpc': v:true})",
               "rpcrequest(channel, 'panel.visit')");
  const Peer editor_peer = panel.visitor();
  EXPECT_TRUE(editor_peer.plain);
  const auto eval = panel.body.proxy().action("nvim_eval", "1 + 2").as<int>();
  EXPECT_EQ(eval.to(editor_peer).call(), 3);
  panel.body.proxy().action("nvim_command", "let told = 'posted'").as<void>().to(editor_peer).post();
  EXPECT_EQ(panel.body.proxy().action("nvim_eval", "told").as<std::string>().to(editor_peer).call(),
            "posted");
}

TEST(Neovim, that_is_killed_ends_what_waits_for_it_at_once) {
  Editor editor;
  Panel panel("unix://" + editor.folder / "panel");
  Neovim neovim(editor.url());
  evaluated_by(neovim, "sockconnect('pipe', '" + editor.folder / "panel" + "', {'rpc': v:true})",
               "rpcrequest(channel, 'panel.visit')");
  const Peer editor_peer = panel.visitor();
  Notes heard;
  const auto listening = neovim.api.begun.subscribe([&](const std::string& text) { heard.add(text); });
  const auto sleeping =
      neovim.api.exec("call rpcnotify(" + neovim.channel() + ", 'begun', 'sleep') | sleep 600", false)
          .async({.timeout = no_timeout});
  ASSERT_TRUE(heard.await_line("sleep"));
  const auto to_client = panel.body.proxy()
                             .action("nvim_exec", "sleep 600", false)
                             .as<Value>()
                             .to(editor_peer)
                             .async({.timeout = no_timeout});
  editor.program.kill();
  EXPECT_THROW(sleeping.get(), TransportDisconnectedError);
  EXPECT_THROW(to_client.get(), TransportDisconnectedError);
}

}  // namespace
}  // namespace vagus::testing
