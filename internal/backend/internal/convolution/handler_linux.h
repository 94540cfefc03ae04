#pragma once

#include <stdint.h>

const char* unipair_open_convolutions(const char* library, void* extensions);
int unipair_has_convolution(const int64_t* numbers);
int unipair_parts(void);
const char* unipair_onednn_version(void);
