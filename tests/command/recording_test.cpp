// Recordings as files: what is written, what is read, and what is refused.

#include "recording.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <limits>

#include <gtest/gtest.h>

#include "exit_codes.hpp"
#include "run_command.hpp"

namespace vagus::testing {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;
using tools::RecordedEntry;
using tools::RecordingReader;
using tools::RecordingWriter;
using tools::UsageError;
using Kind = RecordedEntry::Kind;

class Recording : public ::testing::Test {
 protected:
  ~Recording() override { ::unlink(file_.c_str()); }

  void put(const std::string& bytes) const { std::ofstream(file_, std::ios::binary) << bytes; }
  std::string bytes() const {
    std::ifstream stream(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
  /// Of two events and what stands around them.
  std::string recorded() const {
    RecordingWriter writer(file_, true);
    writer.begin({"unix:///lathe", "lathe.**", 1'700'000'000'000'000'000, {}});
    writer.event(1500ns, {"lathe.moved", {1.5, "mm"}, {}});
    writer.lost(2s, 7);
    writer.event(3s, {"lathe.stopped", {}, {{"why", "dull"}}});
    writer.end(4s);
    return bytes();
  }
  /// The text of what is wrong with the file.
  std::string refused() const {
    try {
      RecordingReader reader(file_);
      while (reader.next()) {
      }
    } catch (const UsageError& error) {
      return error.what();
    }
    return "nothing";
  }

  const std::string file_ = std::string(std::getenv("TMPDIR")) + "/recording";
};

TEST_F(Recording, keeps_every_value) {
  constexpr auto least = std::numeric_limits<std::int64_t>::min();
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  const HeardEvent event{
      "lathe.x.measured",
      {nullptr, true, least, -1, most, 1.5, 1e300, "ä\xff", Bytes{std::byte{0}, std::byte{0xff}},
       Value::Array{1, Value::Array{}}, Value::Map{{1, "one"}, {Value::Array{2}, nullptr}, {1, "again"}},
       Value::Ext{-1, Bytes(4)}, Value::Ext{76, Bytes(300)}},
      {{"unit", "mm"}}};
  RecordingWriter(file_, false).begin({});
  RecordingWriter writer(file_, true);
  writer.begin({"unix:///lathe", "lathe.**", 17, {}});
  writer.event(1500ns, event);
  writer.event(std::chrono::hours(100'000), {"stopped", {}, {}});
  RecordingReader reader(file_);
  EXPECT_EQ(reader.head().url, "unix:///lathe");
  EXPECT_EQ(reader.head().pattern, "lathe.**");
  EXPECT_EQ(reader.head().began, 17);
  const auto read = reader.next();
  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, Kind::event);
  EXPECT_EQ(read->at, 1500ns);
  EXPECT_EQ(read->event.name_space, event.name_space);
  EXPECT_EQ(read->event.arguments, event.arguments);
  EXPECT_EQ(read->event.named, event.named);
  EXPECT_EQ(reader.next()->at, std::chrono::hours(100'000));
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.cut_at());
}

TEST_F(Recording, keeps_calls) {
  const HeardEvent called{"lathe.turn", {3}, {{"tool", "drill"}}};
  const wire::ErrorMessage error{"std::invalid_argument", "one way only", {"through lathe"}, Value(7)};
  RecordingWriter writer(file_, false);
  writer.begin({});
  writer.answer(5us, called, 2us, Value::Array{1, "two"});
  writer.failure(9us, called, 3us, error);
  RecordingReader reader(file_);
  const auto answer = reader.next();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->kind, Kind::answer);
  EXPECT_EQ(answer->at, 5us);
  EXPECT_EQ(answer->took, 2us);
  EXPECT_EQ(answer->event.name_space, called.name_space);
  EXPECT_EQ(answer->event.arguments, called.arguments);
  EXPECT_EQ(answer->event.named, called.named);
  EXPECT_EQ(answer->result, Value(Value::Array{1, "two"}));
  const auto failure = reader.next();
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind, Kind::failure);
  EXPECT_EQ(failure->took, 3us);
  EXPECT_EQ(failure->error, error);
  EXPECT_EQ(run_command({"replay", file_, "--list"}).output,
            "\n"
            "recorded 1970-01-01T00:00:00Z, \n"
            "    0.000005 s  lathe.turn 3, tool=\"drill\" -> [1,\"two\"]  in 2.00 µs\n"
            "    0.000009 s  lathe.turn 3, tool=\"drill\" failed: one way only  in 3.00 µs\n");
  const std::string json = run_command({"replay", file_, "--list", "--json"}).output;
  EXPECT_NE(json.find(R"({"at_us":5.0,"call":"lathe.turn","arguments":[3],"named":{"tool":"drill"},)"
                      R"("took_us":2.0,"result":[1,"two"]})"),
            std::string::npos)
      << json;
  EXPECT_NE(json.find(R"("error":{"type":"std::invalid_argument","message":"one way only"}})"),
            std::string::npos)
      << json;
}

TEST_F(Recording, keeps_what_is_larger_than_a_piece_that_is_read) {
  const Value large(std::string(200'000, 'x'));
  RecordingWriter writer(file_, false);
  writer.begin({});
  for (int number = 0; number < 5; ++number) writer.event(1s, {"said", {number, large}, {}});
  writer.end(2s);
  EXPECT_EQ(writer.bytes(), bytes().size());
  RecordingReader reader(file_);
  for (int number = 0; number < 5; ++number) {
    EXPECT_EQ(reader.next()->event.arguments, (Value::Array{number, large}));
  }
  EXPECT_EQ(reader.next()->kind, Kind::end);
  EXPECT_FALSE(reader.next());
}

TEST_F(Recording, is_read_up_to_its_last_whole_entry_wherever_it_is_cut) {
  const std::string all = recorded();
  std::vector<std::size_t> whole;  // sizes that end with an entry
  for (std::size_t size = 0; size <= all.size(); ++size) {
    put(all.substr(0, size));
    try {
      RecordingReader reader(file_);
      std::size_t entries = 0;
      while (reader.next()) ++entries;
      if (!reader.cut_at()) whole.push_back(size);
      EXPECT_EQ(entries, whole.size() - 1) << size;
      if (reader.cut_at()) {
        EXPECT_EQ(reader.cut_at(), whole.back());
      }
    } catch (const UsageError& error) {
      EXPECT_TRUE(whole.empty()) << size << ": " << error.what();
    }
  }
  EXPECT_EQ(whole.size(), 5u);
  EXPECT_EQ(whole.back(), all.size());
}

TEST_F(Recording, is_not_replayed_if_it_is_something_else) {
  for (const char* const foreign :
       {"", "root:x:0:0::/root:/bin/sh\n", "{\"events\": 1}", "\x90", "\x93\x01\x02\x03"}) {
    put(foreign);
    const std::string refusal = refused();
    EXPECT_TRUE(refusal.starts_with(file_ + " cannot be replayed from byte 0 on: ")) << refusal;
    EXPECT_NE(refusal.find("[\"vagus recording\", 1, ...]"), std::string::npos) << refusal;
  }
  std::string later = recorded();
  later[later.find("recording") + 9] = 2;  // the version
  put(later);
  EXPECT_NE(refused().find("it is a recording of version 2, and this program reads version 1"),
            std::string::npos)
      << refused();
}

TEST_F(Recording, says_where_it_is_broken_and_what_was_expected) {
  const std::string all = recorded();
  const std::size_t second = all.find("lathe.moved") - 6;  // [0, 1500, "
  // No MessagePack; no array; a number that is none; a time that is none; a name that is none; no arguments.
  const std::vector<std::string> all_broken{"\xc1"s,
                                            "5"s,
                                            "\x91\xa1x"s,
                                            "\x92\x00\xff"s,
                                            "\x95\x00\x01\xa3"s + "a..\x90\x80"s,
                                            "\x95\x00\x01\xa1"s + "a\x01\x80"s};
  for (const std::string& broken : all_broken) {
    put(all.substr(0, second) + broken + all.substr(second));
    const std::string refusal = refused();
    EXPECT_TRUE(refusal.starts_with(file_ + " cannot be replayed from byte " + std::to_string(second) +
                                    " on: an event, such as "))
        << refusal;
  }
}

TEST_F(Recording, of_a_later_version_may_hold_more) {
  const std::string all = recorded();
  put(all + "\x92\x09\xa5later"s + "\x96\x00\x05\xa5"s + "moved\x90\x80\xa4more"s);
  RecordingReader reader(file_);
  for (int entry = 0; entry < 4; ++entry) EXPECT_TRUE(reader.next());
  const auto last = reader.next();
  ASSERT_TRUE(last);
  EXPECT_EQ(last->event.name_space, "moved");
  EXPECT_FALSE(reader.next());
}

TEST_F(Recording, is_shown) {
  recorded();
  const Outcome shown = run_command({"replay", file_, "--list"});
  EXPECT_EQ(shown.code, 0) << shown.errors;
  EXPECT_EQ(shown.output,
            "unix:///lathe\n"
            "recorded 2023-11-14T22:13:20Z, lathe.**\n"
            "    0.000002 s  lathe.moved 1.5, \"mm\"\n"
            "    2.000000 s  7 events lost here\n"
            "    3.000000 s  lathe.stopped why=\"dull\"\n"
            "    4.000000 s  end\n");
  EXPECT_EQ(run_command({"replay", file_, "--list", "--json"}).output,
            R"({"recorded":"2023-11-14T22:13:20Z","url":"unix:///lathe","pattern":"lathe.**","name":"",)"
            R"("process_id":-1})"
            "\n"
            R"({"at_us":1.5,"event":"lathe.moved","arguments":[1.5,"mm"]})"
            "\n"
            R"({"at_us":2000000.0,"lost":7})"
            "\n"
            R"({"at_us":3000000.0,"event":"lathe.stopped","arguments":[],"named":{"why":"dull"}})"
            "\n"
            R"({"at_us":4000000.0,"end":true})"
            "\n");
}

TEST_F(Recording, is_shown_as_far_as_it_goes) {
  const std::string all = recorded();
  put(all.substr(0, all.size() - 3));
  const Outcome cut = run_command({"replay", file_, "--list"});
  EXPECT_EQ(cut.code, 0);
  EXPECT_NE(cut.output.find("lathe.stopped"), std::string::npos) << cut.output;
  EXPECT_TRUE(cut.errors.starts_with("vagus: " + file_ + " ends in the midst of an event, at byte "))
      << cut.errors;
  put("root:x:0:0");
  EXPECT_EQ(run_command({"replay", file_, "--list"}).code, 2);
  EXPECT_EQ(run_command({"replay", file_ + ".none", "--list"}).code, 2);
}

}  // namespace
}  // namespace vagus::testing
