#pragma once
#include <stddef.h>
#include <stdint.h>

// Runs libFuzzer with the arguments of a program: it calls `run` with one input after another. A program that has a main of
// its own begins it so.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*run)(const uint8_t *bytes, size_t count));
