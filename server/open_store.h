#pragma once
// The store that the options describe, opened: its policy read, its folder locked.
//
// Order      a store with a folder goes on recovering after this; see Store::wait_until_ready.
// Errors     StartError: NoInput, Config (policy, options the folder was not made with), Unavailable
//            (in use), CannotCreate, NoPermission, IoError, DataError.
// Threads    one; `clock` outlives the store.

#include <memory>
#include <string>

#include "server/options.h"
#include "store/clock.h"
#include "store/store.h"

namespace patron::server {

std::unique_ptr<store::Store> open_store(const Options& options, const store::Clock& clock);

// Both absolute; "" when nothing is kept.
std::string data_folder(const Options& options);
std::string backups_folder(const Options& options);

// What the durability of the options promises, word for word.
std::string keeping_in_words(const Options& options);

}  // namespace patron::server
