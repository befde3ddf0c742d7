#include "server/wire/backup_name.h"

#include <string>

#include <gtest/gtest.h>

namespace patron::wire {
namespace {

using store::FaultCode;

TEST(BackupName, MayBeLeftOut) {
    for (const char* body : {"", "{}", R"({"name":null})"}) {
        EXPECT_EQ(decode_backup_name(body).value(), "") << body;
    }
}

TEST(BackupName, IsOneSegmentOfAPath) {
    for (const std::string name : {"nightly-1", "a", "2026_03.01", "-"}) {
        EXPECT_EQ(decode_backup_name(R"({"name":")" + name + R"("})").value(), name);
    }
    for (const std::string name :
         {"", ".", "..", ".hidden", "a/b", "../x", "a b", "n\\u00e4chtlich", "a\\u0000", "\\\\"}) {
        const auto read = decode_backup_name(R"({"name":")" + name + R"("})");
        ASSERT_FALSE(read.has_value()) << name;
        EXPECT_EQ(read.error().code, FaultCode::InvalidValue) << name;
        EXPECT_EQ(read.error().field, "name");
    }
    const std::string long_name(64, 'z');
    EXPECT_EQ(decode_backup_name(R"({"name":")" + long_name + R"("})").value(), long_name);
    EXPECT_FALSE(decode_backup_name(R"({"name":"z)" + long_name + R"("})").has_value());
}

TEST(BackupName, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(decode_backup_name("{").error().code, FaultCode::BadJson);
    EXPECT_EQ(decode_backup_name("[]").error().code, FaultCode::WrongType);
    EXPECT_EQ(decode_backup_name(R"({"name":7})").error().code, FaultCode::WrongType);
    EXPECT_EQ(decode_backup_name(R"({"nam":"a"})").error().code, FaultCode::UnknownField);
    EXPECT_EQ(
        decode_backup_name(R"({"name":"a","name":"b"})").error().code, FaultCode::DuplicateField
    );
}

TEST(BackupName, OfAnInstantIsOneThatIsTaken) {
    const std::string name = backup_name_at({1'772'337'600'123});
    EXPECT_EQ(name, "20260301T040000Z");
    EXPECT_EQ(decode_backup_name(R"({"name":")" + name + R"("})").value(), name);
}

}  // namespace
}  // namespace patron::wire
