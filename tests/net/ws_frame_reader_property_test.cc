#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "server/net/ws_frame_reader.h"
#include "tests/net/read_frames.h"
#include "tests/net/ws_client_frames.h"
#include "tests/support/seed.h"

namespace patron::net {
namespace {

// Sequences of frames that a well-behaved client could send, with what they come to.
class RandomClient {
  public:
    explicit RandomClient(std::uint64_t seed) : random_(seed) {}

    std::size_t below(std::size_t n) { return random_() % n; }

    std::string frames() {
        std::string bytes;
        for (std::size_t messages = 1 + below(4); messages > 0; --messages) {
            bytes += between() + whole_message();
        }
        return below(2) == 0
                   ? bytes + client_frame(
                                 kClose, close_payload(1000 + unsigned(below(4)), text(40)), mask()
                             )
                   : bytes;
    }

    std::string noise(std::size_t size) {
        std::string bytes(size, '\0');
        std::ranges::generate(bytes, [this] { return static_cast<char>(random_()); });
        return bytes;
    }

  private:
    std::array<unsigned char, 4> mask() {
        const std::uint64_t value = random_();
        return {
            static_cast<unsigned char>(value),
            static_cast<unsigned char>(value >> 8U),
            static_cast<unsigned char>(value >> 16U),
            static_cast<unsigned char>(value >> 24U)
        };
    }

    std::string text(std::size_t bytes_max) {
        static const std::vector<std::string> kCharacters = {
            "a", "\xC2\xB5", "\xE2\x82\xAC", "\xED\x9F\xBF", "\xF0\x9F\x98\x80", "\xF4\x8F\xBF\xBF"
        };
        std::string text;
        for (std::size_t n = below(bytes_max / 4 + 1); n > 0; --n) {
            text += below(3) == 0 ? kCharacters[below(kCharacters.size())] : "a";
        }
        return text;
    }

    std::string between() {
        std::string bytes;
        while (below(3) == 0) {
            bytes += client_frame(below(2) == 0 ? kPing : kPong, noise(below(126)), mask());
        }
        return bytes;
    }

    std::string whole_message() {
        const bool is_text = below(2) == 0;
        const std::size_t most = below(4) == 0 ? 600 : 40;
        const std::string payload = is_text ? text(most) : noise(below(most));
        std::string bytes;
        std::size_t at = 0;
        for (unsigned opcode = is_text ? kText : kBinary; below(3) == 0; opcode = kMore) {
            const std::size_t size = below(payload.size() - at + 1);
            bytes += client_frame(opcode, payload.substr(at, size), mask()) + between();
            at += size;
        }
        const unsigned opcode = !bytes.empty() ? kMore : is_text ? kText : kBinary;
        return bytes + client_frame(0x80U | opcode, payload.substr(at), mask());
    }

    std::mt19937_64 random_;
};

TEST(WsFrameReader, RandomSequencesComeToTheSameInThePlainReader) {
    RandomClient client(test_seed(1));
    std::size_t events = 0;
    for (int round = 0; round < 300; ++round) {
        const std::string bytes = client.frames();
        const Events seen = read(bytes);
        ASSERT_FALSE(seen.empty());
        for (const Seen& event : seen) {
            ASSERT_NE(event.event, WsEvent::Broken) << "round " << round;
        }
        events += seen.size();
        const std::string_view cut = std::string_view(bytes).substr(0, client.below(bytes.size()));
        EXPECT_EQ(feed(every_byte(cut), kMessageMax), PlainWsReader(cut, kMessageMax).read());
        if (HasFailure()) {
            FAIL() << "round " << round;
        }
    }
    EXPECT_GT(events, 600U);
}

TEST(WsFrameReader, MutationsComeToTheSameInThePlainReader) {
    RandomClient client(test_seed(2));
    std::size_t refused = 0;
    for (int round = 0; round < 20'000; ++round) {
        std::string bytes = client.frames();
        for (std::size_t n = 1 + client.below(3); n > 0; --n) {
            const std::size_t at = client.below(bytes.size());
            switch (client.below(4)) {
                case 0:
                    bytes[at] = static_cast<char>(client.below(256));
                    break;
                case 1:
                    bytes[at] = static_cast<char>(bytes[at] ^ (1 << client.below(8)));
                    break;
                case 2:
                    bytes.insert(at, client.noise(1 + client.below(9)));
                    break;
                default:
                    bytes.erase(at, 1);
                    bytes += '\0';
            }
        }
        const Events expected = PlainWsReader(bytes, kMessageMax).read();
        const std::size_t split = client.below(bytes.size());
        ASSERT_EQ(feed({bytes}, kMessageMax), expected) << "round " << round;
        const std::string_view view = bytes;
        ASSERT_EQ(feed({view.substr(0, split), view.substr(split)}, kMessageMax), expected)
            << "round " << round;
        refused += !expected.empty() && expected.back().event == WsEvent::Broken ? 1 : 0;
    }
    EXPECT_GT(refused, 5'000U);
}

TEST(WsFrameReader, NoiseAlwaysEndsInACodeOrWaitsForMore) {
    RandomClient client(test_seed(3));
    for (int round = 0; round < 2'000; ++round) {
        const std::string bytes = client.noise(1 + client.below(300));
        const Events seen = feed(every_byte(bytes), kMessageMax);
        ASSERT_EQ(seen, PlainWsReader(bytes, kMessageMax).read()) << "round " << round;
    }
}

}  // namespace
}  // namespace patron::net
