/// One live link and what we know of the peer behind it.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <vagus/api/call.hpp>
#include <vagus/core/bytes.hpp>
#include <vagus/core/deadline.hpp>
#include <vagus/core/error.hpp>
#include <vagus/core/event_loop.hpp>
#include <vagus/core/home_process.hpp>
#include <vagus/core/mutex.hpp>
#include <vagus/core/options.hpp>
#include <vagus/core/peer.hpp>
#include <vagus/transport/link.hpp>
#include <vagus/wire/writer.hpp>

#include "function_ref.hpp"
#include "intake.hpp"
#include "interest.hpp"
#include "peer_rights.hpp"
#include "plain_peer.hpp"
#include "sleeper.hpp"
#include "told_descriptions.hpp"
#include "traffic.hpp"

namespace vagus {

class Session;

/// Work that a reader has the right to run, once it has let go of the link.
struct AdmittedWork {
  std::shared_ptr<Intake> intake;
  std::shared_ptr<Work> work;
  explicit operator bool() const noexcept { return work != nullptr; }
};

/// What a session needs from the arbitrator. Safe from any thread.
class SessionOwner {
 public:
  virtual ~SessionOwner() = default;
  /// Takes what it needs out of one message. What the sender has done wrong closes the session.
  /// `inline_work`, if given and empty, takes work that the calling thread may run itself.
  virtual void dispatch(Session& session, std::span<const std::byte> message, AdmittedWork* inline_work) = 0;
  /// The link has ended and all that had arrived was dispatched. Once.
  virtual void session_ended(const std::shared_ptr<Session>& session, const ErrorPtr& reason) = 0;
  virtual EventLoop& loop() noexcept = 0;
  virtual Log& log() noexcept = 0;
  /// Where what goes over its links is counted.
  virtual TrafficTotals& traffic_totals() noexcept = 0;
  /// At most one thread of an arbitrator stays with a link that has just been busy.
  virtual bool begin_linger() noexcept = 0;
  virtual void end_linger() noexcept = 0;
};

/// Sends and receives on one link for everybody. All functions are safe from any thread unless they say
/// otherwise.
///
/// Two rights are handed around. The *send turn*: one thread at a time writes to the link; what must not wait
/// for it goes to the outbox, which whoever has the turn empties first. The *reader role*: one thread at a
/// time takes messages off the link - a caller that waits for its answer, a worker that has just been busy
/// here, or nobody, and then the event loop is armed to find one, or a timer looks after the link. A thread
/// that gives the role up hands it to a caller that waits for it, if there is one.
class Session final : public transport::LinkObserver,
                      public wire::MessageSource,
                      public std::enable_shared_from_this<Session> {
 public:
  using MessageWriter = FunctionRef<void(wire::Writer&)>;

  /// `plain`: how the peer is spoken to if it has said no hello.
  Session(SessionOwner& owner, std::uint64_t id, std::unique_ptr<transport::Link> link, Side side, Peer peer,
          std::string url, std::size_t max_unsent, std::optional<PlainPeer> plain);
  ~Session() override;

  std::uint64_t id() const noexcept { return id_; }
  /// Our side of the link.
  Side side() const noexcept { return side_; }
  const Peer& peer() const noexcept { return admitted() ? admitted_peer_ : peer_; }
  const std::string& url() const noexcept { return url_; }
  PeerInterest& interest() noexcept { return interest_; }
  ToldDescriptions& told_descriptions() noexcept { return told_descriptions_; }
  /// Null: the peer has said hello. Else everything that is sent to it is made fit for it by send() and
  /// send_soon(); what such a peer does not know is not to be sent at all.
  const PlainPeer* plain() const noexcept { return plain_ ? &*plain_ : nullptr; }
  /// The ids of our requests are those of this side. A plain peer expects no more of them than 32 bits, and
  /// some read them as signed numbers.
  Side id_side() const noexcept { return plain_ ? Side::head : side_; }
  /// May a call go to it that was not sent to it by name?
  bool takes_calls() const noexcept { return !plain_ || plain_->serves(); }
  /// Does anything go to it by itself? If not, all waits as if it were not there.
  bool takes_anything() const noexcept { return takes_calls() || plain_->takes_events(); }
  /// May calls of this go to it? A plain peer that serves is the program's own choice.
  bool may_handle(std::string_view name_space) const {
    return plain_ || rights_ == nullptr || rights_->may_handle(name_space);
  }
  /// Is it sent this event if nobody says so by name?
  bool takes_event(std::string_view name_space) const {
    if (!plain_) return interest_.listens(name_space);
    return plain_->takes_event(name_space) && (rights_ == nullptr || rights_->may_listen(name_space));
  }
  /// Does it listen to this event by a pattern, and may it? Plain peers do not.
  bool takes_event_by_pattern(std::string_view name_space) const {
    return !plain_ && interest_.listens_by_pattern(name_space) &&
           (rights_ == nullptr || rights_->may_listen(name_space));
  }
  /// True for exactly one caller: the peer's first picture is complete.
  bool claim_open() noexcept { return !opened_.exchange(true); }
  bool opened() const noexcept { return opened_.load(); }
  bool ended() const noexcept { return ended_.load(); }
  /// In a child that was forked since: the link is the parent's.
  bool not_at_home() const noexcept { return home_.left(); }
  const Traffic& traffic() const noexcept { return traffic_; }
  transport::Credentials credentials() const { return link_->peer_credentials(); }
  const wire::Hello& hello() const noexcept { return link_->peer_hello(); }

  // Admission: who it is, and what it may do
  // ----------------------------------------------------------------------------------------

  /// May the peer do anything but say who it is?
  bool admitted() const noexcept {
    return admitted_.load(std::memory_order_acquire);  // PAIR admitted: rights_ and admitted_peer_ are seen
  }
  /// It may, as far as `rights` go, null for all; `user` is the name under which it has logged in, if any,
  /// `peer_id` that of its other links, if it has any. Once, and not by several threads at once.
  void admit(std::unique_ptr<PeerRights> rights, const std::string& user, std::uint64_t peer_id);
  /// What an admitted peer may do; null: all.
  PeerRights* rights() const noexcept { return rights_.get(); }
  /// Before start(), of a peer that has to log in, or that lets us log in: ends the link with `too_late` if
  /// it is not admitted in time.
  void demand_admission(Deadline deadline, ErrorPtr too_late);
  /// True for the first attempt of a peer to log in, by the reader.
  bool claim_login() noexcept { return !std::exchange(login_claimed_, true); }
  /// Closes the link to a peer that cannot be sent what it has to know, and says so in the log.
  void cut_off(std::string_view why, const std::exception& failure) noexcept;
  /// Ends the link; the reason is this, and not what came of it meanwhile.
  void close_refused(const ErrorPtr& reason);

  /// Begins to send; what is given is sent before anything else. Nothing is read until begin_reading().
  void start(const std::vector<Bytes>& first);
  void begin_reading();
  /// The link ends; the peer still gets what was sent.
  void close(const ErrorPtr& reason) noexcept;
  /// Ends the session: no thread is in it or comes into it any more, but for what holds it by a shared_ptr.
  void stop(const ErrorPtr& reason) noexcept;

  // Sending
  // ----------------------------------------------------------------------------------------------------------

  /// Sends one message; waits for its turn and for space as `when_full` and the deadline allow. A caller that
  /// holds the reader role goes on reading meanwhile. Null if the link has accepted it. Throws what the
  /// writer throws.
  /// `begin_by`: who waits gives up then unless the message has begun to leave; one that has is not broken
  /// off before the deadline.
  ErrorPtr send(MessageWriter write, Deadline deadline, WhenFull when_full, Sleeper* reader,
                Deadline begin_by = Deadline::never());

  /// Sends one message without ever waiting: what finds no space is kept in the outbox. A peer whose outbox
  /// is full is cut off. Throws what the writer throws.
  void send_soon(MessageWriter write);

  /// The same, of which only the last one counts: it takes the place of one with the same key that is still
  /// kept.
  void send_last(std::string_view key, MessageWriter write);

  /// Waits until nothing is kept in the outbox any more, or the deadline.
  void drain(Deadline deadline);

  /// Memory that the peer sees, see transport::Link::borrow().
  std::shared_ptr<wire::Block> borrow(std::size_t size) {
    return home_.left() ? nullptr : link_->borrow(size);
  }

  // Receiving
  // --------------------------------------------------------------------------------------------------------

  /// Waits until the transaction, which the sleeper watches, has ended or the deadline has passed; meanwhile
  /// reads, if nobody else does, and runs what is delivered to the sleeper. Whether the sleeper is reader
  /// already does not matter; afterwards it is not.
  void wait(Transaction& transaction, Sleeper& sleeper, Deadline deadline);
  /// Takes the reader role if it is free, else the place of one who waits for it.
  void queue_for_reading(Sleeper& sleeper);
  /// Gives the role, or the place, up.
  void leave(Sleeper& sleeper);
  /// So many calls on this link wait for their replies, as of the last one that has come; a hint.
  void note_awaited(std::size_t calls) noexcept { awaited_.store(calls, std::memory_order_relaxed); }
  /// A call of this side has completed; by the reader of its answer.
  void count_completed() noexcept { traffic_.calls_completed.add(1); }
  /// The handler that `work` runs has returned and is about to be answered. If this thread runs it because it
  /// has found it while reading, it is the reader again from now on: the peer, which may be quick to send the
  /// next request, then has nobody to wake.
  static void handler_returned(const Work& work) noexcept;

  // Calls of the peer that are being handled
  // ------------------------------------------------------------------------

  /// False if the peer has too many already.
  bool add_handled(const std::shared_ptr<detail::IncomingCall>& call, std::size_t limit);
  void remove_handled(TransactionId id, const detail::IncomingCall* call) noexcept;
  std::shared_ptr<detail::IncomingCall> handled(TransactionId id) const;
  void stop_handled() noexcept;
  /// From now on nobody waits for space in the link, or for who does: what does not fit is not sent.
  void end_waits() noexcept;
  /// Stops those whose deadline has passed at `now`, and gives the earliest deadline of the others.
  Deadline stop_expired(TimePoint now) noexcept;

 private:
  static constexpr unsigned turn_free = 0;
  static constexpr unsigned turn_taken = 1;
  static constexpr unsigned turn_wanted = 2;  // only together with turn_taken
  enum class Attempt : std::uint8_t { sent, full, partly, too_large, closed };
  /// One message that has not been sent yet.
  struct Kept {
    Bytes message;    ///< empty while it is being sent
    std::string key;  ///< a later one with the same takes its place; empty: none does
  };
  /// What is known of a message once it was packed or counted.
  struct Extent {
    explicit Extent(const void* lender) noexcept : blocks(lender) {}
    std::size_t size = 0;
    wire::Attachments blocks;
  };

  // Of the message that is dispatched.
  wire::ReceivedBlock attached(std::uint32_t place) override { return link_->attached(place); }
  std::size_t most_copied() const noexcept override { return link_->max_message_size(); }
  std::shared_ptr<const void> keep(std::span<const std::byte> bytes) override;

  void on_readable() override;
  void on_writable() override;
  void on_closed(const ErrorPtr& reason) override;

  // The send turn; see session_sending.cpp.
  ErrorPtr send_written(MessageWriter write, Deadline deadline, WhenFull when_full, Sleeper* reader,
                        Deadline begin_by);
  void send_any_soon(std::string_view key, MessageWriter write);
  void send_written_soon(std::string_view key, MessageWriter write);
  bool take_turn(Deadline deadline, WhenFull when_full);
  bool try_take_turn() noexcept;
  bool want_turn() noexcept VAGUS_REQUIRES(send_mutex_);
  void end_turn();
  Attempt attempt_small(MessageWriter write, transport::Slot& slot, Extent& extent);
  Attempt attempt(Extent& extent, MessageWriter write, transport::Slot& slot);
  transport::ClaimStatus claim(Extent& extent, MessageWriter write, transport::Slot& slot);
  Attempt attempt(const Bytes& message, transport::Slot& slot);
  ErrorPtr send_in_turn(Extent& extent, MessageWriter write, Deadline deadline, WhenFull when_full,
                        Sleeper* reader, Deadline begin_by);
  bool reads_while_it_sends(Sleeper& sleeper);
  bool wait_for_space(Deadline deadline, Sleeper* reader);
  ErrorPtr push_rest(transport::Slot& slot, Deadline deadline, Sleeper* reader);
  Attempt send_outbox_front();
  void flush_in_turn();
  void put_into_outbox(std::string_view key, Bytes message);
  bool replace_in_outbox(std::string_view key, Bytes& message) VAGUS_REQUIRES(send_mutex_);
  void drop_partial() noexcept;
  ErrorPtr closed_error() const;
  ErrorPtr full_error() const;
  /// Why somebody waits for space no more.
  ErrorPtr no_space_error() const;
  MessageTooLargeError too_large_error(std::size_t size) const;

  // The reader role; see session_reading.cpp.
  bool read_one(AdmittedWork* inline_work);
  bool read_as(Sleeper& sleeper);
  void give_role_up();
  void read_on_loop();
  bool pass_role_on() VAGUS_REQUIRES(reader_mutex_);
  bool run_released(AdmittedWork& admitted);
  enum class Release : std::uint8_t {
    at_once,
    after_more,  ///< after other messages were taken off the link
    kept         ///< the role is still the caller's: the link has ended, or has too much to read
  };
  Release release_role(bool busy);
  bool take_role_again();
  /// Waits for a message, for as long as no caller waits for the role; false: did not wait.
  bool linger(Deadline until);
  void leave_to_watch() VAGUS_REQUIRES(reader_mutex_);
  void on_watch();
  void look_after();
  void finish();

  SessionOwner& owner_;
  const detail::HomeProcess home_;  // a reply that a forked child drops goes nowhere
  const std::uint64_t id_;
  const Side side_;
  const Peer peer_;
  const std::string url_;
  const std::size_t max_unsent_;
  const std::optional<PlainPeer> plain_;
  const std::unique_ptr<transport::Link> link_;
  CountedTraffic traffic_;
  PeerInterest interest_;
  ToldDescriptions told_descriptions_;
  std::unique_ptr<PeerRights> rights_;  // constant once admitted_ is set
  Peer admitted_peer_;                  // likewise
  std::atomic<bool> admitted_{false};
  std::unique_ptr<Timer> admission_timer_;  // constant after start()
  bool login_claimed_ = false;              // belongs to the reader role
  std::atomic<bool> opened_{false};
  std::atomic<bool> ended_{false};  // seq_cst; set before reader_mutex_ is taken to look for a reader
  std::atomic<bool> finished_{false};

  mutable Mutex send_mutex_;
  std::condition_variable turn_changed_;
  // The turn: free, taken, or taken and wanted; seq_cst. It is wanted by those that wait for it and by those
  // that have kept something, who both hold send_mutex_ when they say so. Taken only, it is given back
  // without the mutex; wanted, under it.
  std::atomic<unsigned> turn_{turn_free};
  bool turn_parked_ VAGUS_GUARDED_BY(send_mutex_) = false;  // taken, and waiting for on_writable()
  // Set under send_mutex_; looked at under it by who waits for the turn, and before each wait for space,
  // which is interrupted once it is set.
  std::atomic<bool> stopping_{false};
  bool turn_waits_ VAGUS_GUARDED_BY(send_mutex_) = false;  // taken by a thread that waits for space
  std::deque<Kept> outbox_ VAGUS_GUARDED_BY(send_mutex_);
  std::size_t outbox_size_ VAGUS_GUARDED_BY(send_mutex_) = 0;
  // Is there something in outbox_? Written under send_mutex_; a reader without it may find what has just come
  // or not, and looks again under it before it gives the turn up.
  std::atomic<bool> outbox_filled_{false};
  ErrorPtr reason_ VAGUS_GUARDED_BY(send_mutex_);
  ErrorPtr refusal_ VAGUS_GUARDED_BY(send_mutex_);  // counts more than the reason
  transport::Slot partial_;                         // of the outbox's front; belongs to the turn
  bool partial_pending_ = false;                    // likewise
  std::size_t partial_size_ = 0;  // likewise; how much of outbox_size_ the message that is being sent is

  std::span<const std::byte> message_;  // that is dispatched; belongs to the reader role

  Mutex reader_mutex_;
  bool role_taken_ VAGUS_GUARDED_BY(reader_mutex_) = true;  // for begin_reading()
  bool lingering_ VAGUS_GUARDED_BY(reader_mutex_) = false;
  std::list<Sleeper*> waiting_ VAGUS_GUARDED_BY(reader_mutex_);
  std::unique_ptr<Timer> watch_ VAGUS_GUARDED_BY(reader_mutex_);  // made at its first use
  bool watching_ VAGUS_GUARDED_BY(reader_mutex_) = false;         // the timer runs
  bool left_to_watch_ VAGUS_GUARDED_BY(reader_mutex_) = false;    // since the timer ran out last
  std::atomic<std::size_t> awaited_{0};                           // relaxed: a hint

  mutable Mutex handled_mutex_;
  struct Filed {
    std::weak_ptr<detail::IncomingCall> call;
    const detail::IncomingCall* key = nullptr;
  };
  using Handled = std::unordered_multimap<TransactionId, Filed>;  // a peer may use an id twice at once
  Handled handled_ VAGUS_GUARDED_BY(handled_mutex_);
  std::vector<Handled::node_type> spare_
      VAGUS_GUARDED_BY(handled_mutex_);  // so that a call allocates nothing
};

}  // namespace vagus
