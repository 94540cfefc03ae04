#pragma once

// What is used of XLA's xla/ffi/api/c_api.h and xla/pjrt/c/pjrt_c_api_ffi_extension.h, by their own order of fields.
#include <stddef.h>
#include <stdint.h>

typedef struct { const char* bytes; size_t size; } ffi_text;
typedef struct ffi_extension { size_t size; int type; struct ffi_extension* next; } ffi_extension;
typedef struct { size_t size; ffi_extension* extension; int major, minor; } ffi_version;
typedef struct { size_t size; ffi_version version; uint32_t traits; } ffi_metadata;
typedef struct { ffi_extension base; ffi_metadata* metadata; } ffi_metadata_extension;
typedef struct { size_t size; ffi_extension* extension; const char* message; int code; } ffi_error_args;
typedef struct { size_t size; ffi_extension* extension; void* error; } ffi_destroy_args;
typedef struct { size_t size; ffi_extension* extension; void* context; void (*task)(void*); void* data; } ffi_schedule_args;
typedef struct { size_t size; ffi_extension* extension; void* context; int64_t* threads; } ffi_threads_args;
typedef struct { size_t size; ffi_extension* extension; void* future; } ffi_future_args;
typedef struct { size_t size; ffi_extension* extension; void* future; void* error; } ffi_future_error_args;

typedef struct {
	size_t size;
	ffi_extension* extension;
	ffi_version version;
	void* internal;
	void* (*error_create)(ffi_error_args*);
	void* error_message;
	void (*error_destroy)(ffi_destroy_args*);
	void *handler_register, *stream_get, *type_register, *context_get, *state_set, *state_get, *memory_allocate, *memory_free;
	void* (*schedule)(ffi_schedule_args*);
	void* (*threads)(ffi_threads_args*);
	void* (*future_create)(ffi_future_args*);
	void* (*future_available)(ffi_future_args*);
	void* (*future_error)(ffi_future_error_args*);
} ffi_api;

enum { ffi_major = 0, ffi_minor = 3, ffi_extension_metadata = 1, ffi_code_resources = 8, ffi_code_internal = 13, ffi_f32 = 11, ffi_s64 = 5,
       ffi_attribute_array = 1 };

typedef struct { size_t size; ffi_extension* extension; int type; void* data; int64_t rank; int64_t* dims; } ffi_buffer;
typedef struct { int type; size_t size; void* data; } ffi_array;
typedef struct { size_t size; ffi_extension* extension; int64_t count; int* types; void** values; } ffi_values;
typedef struct { size_t size; ffi_extension* extension; int64_t count; int* types; ffi_text** names; void** values; } ffi_attributes;

typedef struct {
	size_t size;
	ffi_extension* extension;
	const ffi_api* api;
	void* context;
	int stage;
	ffi_values arguments, results;
	ffi_attributes attributes;
	void* future; // out
} ffi_call;

// PJRT's own part.
typedef struct { size_t size; const char* name; size_t name_size; void* handler; const char* platform; size_t platform_size; int traits; } pjrt_register_args;
typedef struct { ffi_extension base; void *type_register, *user_data; void* (*register_handler)(pjrt_register_args*); } pjrt_ffi;
enum { pjrt_extension_ffi = 5 };
