#pragma once
// The slow headers of every test, parsed once per test program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
