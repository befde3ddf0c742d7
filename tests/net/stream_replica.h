#pragma once
// What a listener knows, built from nothing but the messages that reach him.
//
// Shapes     messages as SSE events or WebSocket text frames, in whatever pieces they come.
// Errors     a test failure: broken framing, a change that does not begin where the last one ended, a message
//            out of place.

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "server/net/stream_block.h"

namespace patron::net {

class StreamReplica {
  public:
    explicit StreamReplica(Door door) : door_(door) {}

    void take(std::string_view bytes) {
        bytes_.append(bytes);
        while (door_ == Door::Sse ? take_event() : take_frame()) {
        }
    }

    const std::vector<std::string>& types() const { return types_; }
    std::size_t count(std::string_view type) const {
        return static_cast<std::size_t>(std::count(types_.begin(), types_.end(), type));
    }
    const std::map<std::string, std::string>& tiers() const { return tiers_; }
    // The last that was told, and for SSE the last event's id.
    const std::string& cursor() const { return cursor_; }
    const std::string& event_id() const { return event_id_; }
    const boost::json::object& last() const { return last_; }
    std::uint64_t conflated() const { return conflated_; }
    bool in_snapshot() const { return in_snapshot_; }
    // Of a WebSocket: the payload of the close frame, and of pongs.
    const std::string& close() const { return close_; }
    const std::vector<std::string>& pongs() const { return pongs_; }
    // Comes back where he was: he knows what he knew.
    void reconnect(Door door) {
        door_ = door;
        bytes_.clear();
        in_snapshot_ = false;
    }
    // A change of which some were left out may lead from elsewhere.
    void expect_seamless(bool seamless) { seamless_ = seamless; }

  private:
    bool take_event() {
        const std::size_t end = bytes_.find("\n\n");
        if (end == std::string::npos) {
            return false;
        }
        std::string_view event(bytes_.data(), end);
        std::string id;
        while (!event.empty()) {
            const std::string_view line = event.substr(0, event.find('\n'));
            event.remove_prefix(std::min(line.size() + 1, event.size()));
            if (line.starts_with("id: ")) {
                id = line.substr(4);
                event_id_ = id;
            } else if (line.starts_with("data: ")) {
                take_message(line.substr(6));
            } else {
                EXPECT_EQ(line, "retry: 1000");
            }
        }
        if (!id.empty()) {
            EXPECT_EQ(id, last_["cursor"].as_string());
        }
        bytes_.erase(0, end + 2);
        return true;
    }

    bool take_frame() {
        if (bytes_.size() < 2) {
            return false;
        }
        const auto byte = [&](std::size_t i) {
            return static_cast<unsigned char>(bytes_[i]);
        };
        std::size_t header = 2;
        std::size_t size = byte(1);
        if (size == 126) {
            if (bytes_.size() < 4) {
                return false;
            }
            size = byte(2) * 256U + byte(3);
            header = 4;
        }
        EXPECT_LT(byte(1), 127) << "masked, or longer than any message";
        if (bytes_.size() < header + size) {
            return false;
        }
        const std::string payload = bytes_.substr(header, size);
        switch (byte(0)) {
            case 0x81:
                take_message(payload);
                break;
            case 0x88:
                close_ = payload;
                break;
            case 0x8A:
                pongs_.push_back(payload);
                break;
            default:
                ADD_FAILURE() << "a frame that begins with " << int{byte(0)};
        }
        bytes_.erase(0, header + size);
        return true;
    }

    void take_message(std::string_view text) {
        last_ = boost::json::parse(text).as_object();
        const std::string type(last_["type"].as_string());
        types_.push_back(type);
        if (type == "snapshot_begin") {
            EXPECT_FALSE(in_snapshot_);
            in_snapshot_ = true;
            tiers_.clear();
        } else if (type == "snapshot_end") {
            in_snapshot_ = false;
        } else if (type == "customer") {
            EXPECT_TRUE(in_snapshot_);
            const auto [at, is_new] = tiers_.emplace(last_["customer_id"].as_string(), tier_now());
            EXPECT_TRUE(is_new) << at->first << " is told twice";
        } else if (type == "change" || type == "enter" || type == "leave") {
            take_change(type);
        }
        if (const auto* cursor = last_.if_contains("cursor")) {
            cursor_ = cursor->as_string();
        }
    }

    void take_change(const std::string& type) {
        const std::string id(last_["customer_id"].as_string());
        EXPECT_EQ(in_snapshot_ && last_.contains("cursor"), false);
        const auto found = tiers_.find(id);
        if (seamless_) {
            EXPECT_EQ(found == tiers_.end(), type == "enter") << id;
        }
        if (const auto* merged = last_.if_contains("conflated")) {
            conflated_ += merged->to_number<std::uint64_t>() - 1;
        }
        if (type == "leave") {
            tiers_.erase(id);
        } else {
            check_from(id);
            tiers_[id] = tier_now();
        }
    }

    void check_from(const std::string& id) {
        const auto* tier = last_["changes"].as_object().if_contains("tier");
        const auto found = tiers_.find(id);
        if (seamless_ && tier != nullptr && found != tiers_.end()) {
            EXPECT_EQ(tier->at("from").as_string(), found->second) << id;
        }
    }

    std::string tier_now() { return std::string(last_["score"].at("tier").as_string()); }

    Door door_;
    std::string bytes_;
    std::vector<std::string> types_;
    std::map<std::string, std::string> tiers_;
    std::string cursor_;
    std::string event_id_;
    boost::json::object last_;
    std::uint64_t conflated_ = 0;
    std::string close_;
    std::vector<std::string> pongs_;
    bool in_snapshot_ = false;
    bool seamless_ = true;
};

}  // namespace patron::net
