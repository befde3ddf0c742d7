#pragma once
// A fault of the store as the reason why the server cannot start: one line, an exit code.
//
// Shapes     codes as in sysexits.h: damaged data 65, a folder in use 69, a folder that does not fit
//            the options 78, no rights 77, no room or a failing disk 74.
// Errors     none.
// Threads    pure.

#include "server/start_error.h"
#include "store/result.h"

namespace patron::server {

// `where` it happened goes in front, unless it is empty.
StartError start_error_of(const std::string& where, const store::Fault& fault);

// Refuses a folder that cannot be made or used with this user's rights; what is in it is not
// looked at.
void require_usable_folder(const std::string& folder);

}  // namespace patron::server
