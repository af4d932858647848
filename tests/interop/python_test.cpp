// Python, with a client and a server that were written from the specification, and with the session layer of
// pynvim.

#include <fstream>
#include <sstream>

#include "interop/interop_fixture.hpp"

namespace vagus::testing {
namespace {

constexpr const char* msgpack_package = "python3-msgpack";

/// What every client says in the end: that it is about to call what never answers.
void end_in_the_midst_of_a_call(Program& client, Panel& panel) {
  EXPECT_EQ(client.read_line(), "waits");
  ASSERT_TRUE(panel.waiting.await());
  client.kill();
  EXPECT_TRUE(panel.left.await());
  EXPECT_EQ(panel.api.add(1, 2).local().call(), 3);
}

void expect_answers(Program& client, Panel& panel) {
  EXPECT_EQ(client.read_line(), "3");
  EXPECT_EQ(client.read_line(), "grüße");
  EXPECT_EQ(client.read_line(), "True");
  EXPECT_EQ(client.read_line(), "[1, -2.5, None, True]");
  EXPECT_EQ(client.read_line(), "the axis ends at 300 mm");
  EXPECT_EQ(client.read_line(), "nothing handles panel.nix at body");
  EXPECT_NE(client.read_line().find("panel.add"), std::string::npos);
  EXPECT_NE(client.read_line().find("no API that nix belongs to"), std::string::npos);
  EXPECT_EQ(client.read_line(), "7");
  EXPECT_TRUE(panel.ticks.await_line("7"));
  EXPECT_EQ(panel.body.stats().messages_unhandled, 1u);
}

TEST(PythonClient, is_answered_over_a_unix_socket) {
  const Folder folder;
  Panel panel("unix://" + folder / "panel");
  Program client(python("run_client.py", {folder / "panel"}), msgpack_package, folder);
  expect_answers(client, panel);
  end_in_the_midst_of_a_call(client, panel);
}

/// A head that calls server.py.
struct Caller {
  explicit Caller(const std::string& url) : arb(connect(url), {.log = log.log()}) { arb.wait_open(generous); }
  template <typename T, typename... Arguments>
  T call(const std::string& name, const Arguments&... arguments) {
    return arb.proxy().action(name, arguments...).template call<T>();
  }

  RecordedLog log;
  ApiArb arb;
};

void expect_service(Caller& caller) {
  EXPECT_EQ(caller.call<int>("add", 1, 2), 3);
  EXPECT_EQ(caller.call<std::string>("echo", "grüße"), "grüße");
  EXPECT_EQ(caller.call<Bytes>("echo", Bytes{std::byte{0}, std::byte{255}}),
            (Bytes{std::byte{0}, std::byte{255}}));
  const Value::Map mixed{{"list", Array{1, -2.5, nullptr, true}}, {"text", std::string(70'000, 'x')}};
  EXPECT_EQ(caller.call<Value>("echo", Value(mixed)), Value(mixed));
  caller.arb.proxy().action("note", "posted").post();
  EXPECT_EQ(caller.call<std::vector<std::string>>("noted"), std::vector<std::string>{"posted"});
  try {
    caller.call<double>("divide", 1, 0);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const RemoteError& error) {
    EXPECT_EQ(error.message(), "ZeroDivisionError: division by zero");
  }
  EXPECT_THROW(caller.call<int>("nix"), RemoteError);
  EXPECT_THROW(caller.call<int>("add", kw("a", 1), kw("b", 2)), ApiParamError);
}

void kill_while_it_sleeps(Program& server, Caller& caller) {
  const auto sleeping =
      caller.arb.proxy().action("sleep", 600).async<Value>(CallOptions{.timeout = no_timeout});
  EXPECT_EQ(server.read_line(), "sleeps");
  server.kill();
  EXPECT_THROW(sleeping.get(), TransportDisconnectedError);
}

TEST(PythonServer, is_called_over_a_unix_socket) {
  const Folder folder;
  Program server(python("run_server.py", {folder / "server"}), msgpack_package, folder);
  Caller caller("msgpack+unix://" + folder / "server");
  EXPECT_EQ(server.read_line(), "listens");
  expect_service(caller);
  kill_while_it_sleeps(server, caller);
}

TEST(PythonServer, is_called_over_tcp) {
  const Folder folder;
  Program server(python("run_server.py", {"127.0.0.1", "0"}), msgpack_package, folder);
  std::string address = server.read_line();
  address.replace(address.find(' '), 1, ":");
  Caller caller("msgpack+tcp://" + address);
  expect_service(caller);
  kill_while_it_sleeps(server, caller);
}

class ScaleApi : public ApiBase {
 public:
  using ApiBase::ApiBase;
  Method<std::string(double, Default<double>, Default<std::string>)> scale{
      this, "scale", "", params("value", param("factor", 2.0), param("unit", std::string("mm")))};
};

TEST(PythonServer, gets_arguments_by_name_where_the_contract_is_known) {
  const Folder folder;
  Program server(python("run_server.py", {folder / "server"}), msgpack_package, folder);
  Caller caller("msgpack+unix://" + folder / "server");
  ScaleApi panel{"panel"};
  caller.arb.attach(panel);
  EXPECT_EQ(caller.arb.proxy("panel").action("scale", 1.5, kw("unit", "cm")).call<std::string>(), "3.0 cm");
  EXPECT_EQ(panel.scale(1.5).call(), "1.5 m");  // what is left out at the end, the server fills in
}

TEST(PythonServer, that_is_started_anew_gets_what_waits_for_it) {
  const Folder folder;
  auto server =
      std::make_unique<Program>(python("run_server.py", {folder / "server"}), msgpack_package, folder);
  Caller caller("msgpack+unix://" + folder / "server");
  Flag gone;
  const auto watching = caller.arb.on_state([&](const LinkEvent& event) {
    if (event.state == LinkState::disconnected) gone.raise();
  });
  EXPECT_EQ(server->read_line(), "listens");
  kill_while_it_sleeps(*server, caller);
  ASSERT_TRUE(gone.await());
  const auto queued =
      caller.arb.proxy().action("add", 3, 4).async<int>(CallOptions{.when_down = WhenDown::queue});
  server = std::make_unique<Program>(python("run_server.py", {folder / "again"}), msgpack_package, folder);
  EXPECT_EQ(server->read_line(), "listens");
  ASSERT_EQ(::rename((folder / "again").c_str(), (folder / "server").c_str()), 0);
  EXPECT_EQ(queued.get(), 7);
}

TEST(PynvimSession, calls_us_and_is_called_back) {
  const Folder folder;
  Panel panel("unix://" + folder / "panel" + "?events=panel.*");
  Program client(python("run_pynvim.py", {folder / "panel"}), "python3-pynvim", folder);
  EXPECT_EQ(client.read_line(), "3");
  EXPECT_EQ(client.read_line(), "{'list': [1, None, 'two']}");
  EXPECT_EQ(client.read_line(), "the axis ends at 300 mm");
  EXPECT_EQ(client.read_line(), "nothing handles panel.nix at body");

  const Peer visitor = panel.visitor();
  const auto show = panel.body.proxy().action("show", 7, "text").as<Value>().to(visitor);
  EXPECT_EQ(show.call(), Value(Array{"show", Array{7, "text"}}));
  EXPECT_EQ(client.read_line(), "show [7, 'text']");
  const auto hurt = panel.body.proxy().action("hurt").as<Value>().to(visitor).try_call();
  EXPECT_EQ(hurt.error().code(), ErrorCode::remote);
  EXPECT_NE(std::string(hurt.error().what()).find("ouch"), std::string::npos) << hurt.error().what();
  panel.api.ticked(5).post();
  EXPECT_EQ(client.read_line(), "panel.ticked [5]");
  end_in_the_midst_of_a_call(client, panel);
}

// Documents
// -----------------------------------------------------------------------------------------------------------

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

TEST(PythonClient, is_the_one_that_the_document_shows) {
  const std::string tests = VAGUS_TESTS_DIR;
  const std::string page = text_of(tests + "/../docs/plain_peers.md");
  for (const char* script : {"client.py", "server.py"}) {
    const std::string shown = text_of(tests + "/interop/" + script);
    ASSERT_FALSE(shown.empty());
    EXPECT_NE(page.find("```python\n" + shown + "```"), std::string::npos) << script;
  }
}

}  // namespace
}  // namespace vagus::testing
