#include "server/net/broadcaster.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include <boost/asio/post.hpp>

#include "server/net/feed_walk.h"
#include "server/net/mail_back.h"

namespace patron::net {

namespace {

// Looks at changes, one for each of them and group, before others get their turn.
constexpr std::size_t kTurnLooks = 256 * 1024;
constexpr std::size_t kTurnChangesMin = 64;
constexpr std::chrono::milliseconds kCountsTick{50};

}  // namespace

Broadcaster::Broadcaster(const Executor& executor, SessionHost& host, StreamSource& stream_source)
    : StreamDesk(stream_source, host.counters)
    , host_(host)
    , executor_(executor)
    , counts_timer_(executor) {}

Broadcaster::~Broadcaster() {
    stop_listening();
}

void Broadcaster::listen() {
    if (!listener_) {
        listener_ = source.changes().add_listener([mailbox = host_.mailbox] {
            mailbox->tell_of_changes();
        });
        seq_ = source.seq();
        cursor = source.changes().head();
    }
}

void Broadcaster::finish() {
    counts_timer_.cancel();
}

void Broadcaster::stop_listening() {
    if (listener_) {
        source.changes().remove_listener(*std::exchange(listener_, std::nullopt));
    }
}

void Broadcaster::begin(StreamStart start) {
    listen();
    StreamGroup& group = group_for(start.door, start.subscription);
    const std::uint64_t number = ++last_number_;
    const boost::intrusive_ptr<StreamSession> session(
        new StreamSession(std::move(start), host_, *this, group, number)
    );
    const Time due = std::chrono::steady_clock::now() + host_.options.stream_heartbeat;
    sessions_.emplace(number, Listening{session.get(), due});
    session->start();
    if (host_.stopping) {
        session->stop_when_idle();
    }
}

void Broadcaster::forget(StreamSession& session) {
    session.course().leave();
    sessions_.erase(session.course().number());
    groups_emptied_ = true;
    if (sessions_.empty()) {
        stop_listening();
    }
}

StreamGroup& Broadcaster::group_for(Door door, const StreamCourse::SubscriptionPtr& subscription) {
    sweep_groups();
    std::string key = (door == Door::Sse ? "s" : "w") + subscription->group;
    Hall& hall = groups_[std::move(key)];
    if (!hall.group) {
        hall.group = std::make_unique<StreamGroup>(door, subscription, kept_);
        hall.counts_due = std::chrono::steady_clock::now();
        register_group(*hall.group);
    }
    return *hall.group;
}

void Broadcaster::register_group(StreamGroup& group) {
    const endpoints::Subscription& subscription = group.subscription();
    if (subscription.topics.stats) {
        await_counts();
    }
    if (!wants_changes(subscription.topics)) {
        return;
    }
    if (subscription.filter.customers.empty()) {
        general_.push_back(&group);
        return;
    }
    for (const std::string& id : subscription.filter.customers) {
        by_customer_[id].push_back(&group);
    }
}

void Broadcaster::sweep_groups() {
    if (!std::exchange(groups_emptied_, false)) {
        return;
    }
    const auto is_empty = [](const StreamGroup* group) {
        return group->members() == 0;
    };
    std::erase_if(general_, is_empty);
    for (const auto& [key, hall] : groups_) {
        if (!is_empty(hall.group.get())) {
            continue;
        }
        for (const std::string& id : hall.group->subscription().filter.customers) {
            const auto found = by_customer_.find(id);
            if (found != by_customer_.end()) {
                std::erase(found->second, hall.group.get());
                if (found->second.empty()) {
                    by_customer_.erase(found);
                }
            }
        }
    }
    std::erase_if(groups_, [&](const auto& entry) { return is_empty(entry.second.group.get()); });
}

void Broadcaster::on_changes() {
    if (!turn_posted_ && listener_) {
        turn();
    }
}

std::size_t Broadcaster::turn_changes() const {
    return std::clamp(
        kTurnLooks / std::max<std::size_t>(general_.size(), 1), kTurnChangesMin, kTurnChanges
    );
}

void Broadcaster::turn() {
    const std::uint64_t behind = cursor;
    const std::uint64_t seq = source.seq();
    const Walk walk = tell_changes(behind);
    if (walk == Walk::Arrived) {
        seq_ = seq;
    }
    wake(cursor_awaited_);
    sweep_groups();
    if (walk == Walk::Tired) {
        turn_posted_ = true;
        asio::post(executor_, [this] {
            turn_posted_ = false;
            on_changes();
        });
    }
}

Walk Broadcaster::tell_changes(std::uint64_t behind) {
    const std::uint64_t head = source.changes().head();
    std::size_t index = 0;
    const Walk walk = walk_feed(
        source.changes(),
        cursor,
        head,
        turn_changes(),
        [&](const store::Change& change, std::uint64_t offset) {
            distribute(index++, change, offset);
            return true;
        }
    );
    texts.forget();
    if (walk == Walk::Lost) {
        cursor = head;
        break_rounds();
    } else {
        close_rounds(behind);
    }
    return walk;
}

void Broadcaster::distribute(std::size_t index, const store::Change& change, std::uint64_t offset) {
    for (StreamGroup* const group : general_) {
        take(*group, index, change, offset);
    }
    if (by_customer_.empty()) {
        return;
    }
    const auto named = by_customer_.find(change.id);
    if (named != by_customer_.end()) {
        for (StreamGroup* const group : named->second) {
            take(*group, index, change, offset);
        }
    }
}

void Broadcaster::take(
    StreamGroup& group, std::size_t index, const store::Change& change, std::uint64_t offset
) {
    if (group.take(texts, index, change, offset)) {
        touched_.push_back(&group);
    }
}

void Broadcaster::close_rounds(std::uint64_t behind) {
    for (StreamGroup* const group : touched_) {
        group->close_round(behind);
    }
    touched_.clear();
}

// This thread itself was too slow: every member looks for himself what has become of his cursor.
void Broadcaster::break_rounds() {
    for (const auto& [key, hall] : groups_) {
        hall.group->break_rounds();
    }
}

void Broadcaster::wake(std::vector<std::uint64_t>& numbers) {
    for (const std::uint64_t number : std::exchange(numbers, {})) {
        const auto found = sessions_.find(number);
        if (found != sessions_.end()) {
            found->second.session->wake();
        }
    }
}

void Broadcaster::ask_page(std::uint64_t number, store::PictureQuestion question) {
    question.done = MailBack<store::PicturePage>(
        host_.mailbox,
        [this, number](std::optional<store::PicturePage> page) { on_page(number, std::move(page)); }
    );
    // Refused, the answer that does not come is told like one that was dropped.
    source.picture(std::move(question));
}

void Broadcaster::on_page(std::uint64_t number, std::optional<store::PicturePage> page) {
    const auto found = sessions_.find(number);
    if (found != sessions_.end()) {
        found->second.session->course().on_page(std::move(page));
    }
}

void Broadcaster::on_tick() {
    wake(tick_awaited_);
    send_heartbeats(std::chrono::steady_clock::now());
    sweep_groups();
}

void Broadcaster::send_heartbeats(Time now) {
    StreamBlockPtr blocks[2];
    for (auto next = sessions_.begin(); next != sessions_.end();) {
        Listening& listening = (next++)->second;  // it may end
        if (now < listening.heartbeat_due) {
            continue;
        }
        listening.heartbeat_due = now + host_.options.stream_heartbeat;
        const Door door = listening.session->door();
        StreamBlockPtr& shared = blocks[door == Door::Sse ? 0 : 1];
        if (!shared) {
            const auto block = std::make_shared<StreamBlock>();
            texts.append_heartbeat(*block, door, texts.position(cursor, seq_at_cursor()));
            shared = block;
        }
        listening.session->heartbeat(shared);
    }
}

// The timer runs only while a group wants counts.
void Broadcaster::await_counts() {
    if (std::exchange(counts_timer_on_, true)) {
        return;
    }
    counts_timer_.expires_after(kCountsTick);
    counts_timer_.async_wait([this](ErrorCode error) {
        counts_timer_on_ = false;
        if (!error) {
            ask_counts();
        }
    });
}

void Broadcaster::ask_counts() {
    sweep_groups();
    const Time now = std::chrono::steady_clock::now();
    bool wanted = false;
    bool due = false;
    for (const auto& [key, hall] : groups_) {
        const bool counts = hall.group->subscription().topics.stats;
        wanted = wanted || counts;
        due = due || (counts && hall.counts_due <= now);
    }
    if (wanted) {
        await_counts();
    }
    if (due && !std::exchange(counts_asked_, true)) {
        source.count(MailBack<store::LiveCounts>(
            host_.mailbox,
            [this](std::optional<store::LiveCounts> counts) { on_counts(std::move(counts)); }
        ));
    }
}

void Broadcaster::on_counts(std::optional<store::LiveCounts> counts) {
    counts_asked_ = false;
    if (!counts) {
        return;  // asked again at the next tick
    }
    const Time now = std::chrono::steady_clock::now();
    StreamBlockPtr blocks[2];
    for (auto& [key, hall] : groups_) {
        StreamGroup& group = *hall.group;
        if (!group.subscription().topics.stats || hall.counts_due > now) {
            continue;
        }
        hall.counts_due = now + std::chrono::milliseconds(group.subscription().stats_ms);
        StreamBlockPtr& shared = blocks[group.door() == Door::Sse ? 0 : 1];
        if (!shared) {
            const auto block = std::make_shared<StreamBlock>();
            texts.append_counts(*block, group.door(), *counts);
            shared = block;
        }
        group.for_each_member([&](GroupMember& member) {
            static_cast<StreamCourse&>(member).offer_counts(shared);
        });
    }
}

}  // namespace patron::net
