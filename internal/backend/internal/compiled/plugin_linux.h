#pragma once

// The functions of a plugin of XLA that are called here, and ours in place of one.
#include <stddef.h>
#include <stdint.h>

// What is used of XLA's pjrt_c_api.h, whose fields keep their places: new ones come at the end.
typedef void* (*function)(void* args);
typedef struct { size_t size; void* extension; size_t version_size; void* version_extension; int major, minor; function functions[]; } api;
enum { error_destroy = 0, client_compile = 20, executable_destroy = 40, executable_serialize = 49, loaded_get_executable = 51,
       deserialize_and_load = 56 };
typedef struct { size_t size; void* extension; const char* code; size_t code_size; const char* format; size_t format_size; } program;
typedef struct { size_t size; void* extension; void* client; const program* program; const char* options; size_t options_size;
                 void* executable; } compile_args;
typedef struct { size_t size; void* extension; void* of; } destroy_args;
typedef struct { size_t size; void* extension; void* loaded; void* executable; } get_executable_args;
typedef struct { size_t size; void* extension; const void* executable; const char* bytes; size_t bytes_size; void* backing;
                 void (*release)(void* backing); } serialize_args;
typedef struct { size_t size; void* extension; void* client; const char* bytes; size_t bytes_size; void* executable;
                 const char* options; size_t options_size; } load_args;


const char* unipair_open_plugin(const char* path);
uintptr_t unipair_our_functions(void);
void* unipair_extensions(void);
void* unipair_compile(compile_args* args, const char* code, size_t size);
int unipair_load(compile_args* args, const char* bytes, size_t size);
int unipair_serialize(void* loaded, serialize_args* out);
void unipair_release(serialize_args* out);
