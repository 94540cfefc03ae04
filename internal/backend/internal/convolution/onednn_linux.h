#pragma once

// What is used of oneDNN's C interface, version 3, which is opened when a program runs.
#include <stddef.h>
#include <stdint.h>

typedef struct dnnl_engine* dnnl_engine_t;
typedef struct dnnl_stream* dnnl_stream_t;
typedef struct dnnl_memory* dnnl_memory_t;
typedef struct dnnl_memory_desc* dnnl_memory_desc_t;
typedef const struct dnnl_memory_desc* const_dnnl_memory_desc_t;
typedef struct dnnl_primitive* dnnl_primitive_t;
typedef struct dnnl_primitive_desc* dnnl_primitive_desc_t;
typedef const struct dnnl_primitive_desc* const_dnnl_primitive_desc_t;
typedef struct dnnl_primitive_attr* dnnl_primitive_attr_t;
typedef int64_t dnnl_dims_t[12];
typedef struct { int arg; dnnl_memory_t memory; } dnnl_exec_arg_t;
typedef struct { int major, minor, patch; const char* hash; unsigned cpu_runtime, gpu_runtime; } dnnl_version_t;

enum { dnnl_cpu = 1, dnnl_in_order = 1, dnnl_f32 = 3, dnnl_any = 1, dnnl_direct = 1, dnnl_forward_training = 64, dnnl_scratchpad_user = 1,
       dnnl_runtime_omp = 2,
       dnnl_query_impl = 8, dnnl_query_src = 129, dnnl_query_diff_src, dnnl_query_weights, dnnl_query_diff_weights, dnnl_query_dst,
       dnnl_query_diff_dst, dnnl_query_scratchpad = 136,
       DNNL_SRC = 1, DNNL_DST = 17, DNNL_WEIGHTS = 33, DNNL_SCRATCHPAD = 80, DNNL_DIFF_SRC = 129, DNNL_DIFF_DST = 145, DNNL_DIFF_WEIGHTS = 161 };

// FUNCTIONS lists the functions that are used: result, name, arguments.
#define FUNCTIONS(F) \
	F(const dnnl_version_t*, version, (void)) \
	F(int, engine_create, (dnnl_engine_t*, int kind, size_t index)) \
	F(int, stream_create, (dnnl_stream_t*, dnnl_engine_t, unsigned flags)) \
	F(int, stream_destroy, (dnnl_stream_t)) \
	F(int, memory_desc_create_with_strides, (dnnl_memory_desc_t*, int, const dnnl_dims_t dims, int type, const dnnl_dims_t strides)) \
	F(int, memory_desc_create_with_tag, (dnnl_memory_desc_t*, int, const dnnl_dims_t dims, int type, int tag)) \
	F(int, memory_desc_clone, (dnnl_memory_desc_t*, const_dnnl_memory_desc_t)) \
	F(int, memory_desc_destroy, (dnnl_memory_desc_t)) \
	F(size_t, memory_desc_get_size, (const_dnnl_memory_desc_t)) \
	F(int, memory_create, (dnnl_memory_t*, const_dnnl_memory_desc_t, dnnl_engine_t, void*)) \
	F(int, memory_destroy, (dnnl_memory_t)) \
	F(int, primitive_attr_create, (dnnl_primitive_attr_t*)) \
	F(int, primitive_attr_set_scratchpad_mode, (dnnl_primitive_attr_t, int)) \
	F(int, convolution_forward_primitive_desc_create, (dnnl_primitive_desc_t*, dnnl_engine_t, int prop, int alg, const_dnnl_memory_desc_t src, \
		const_dnnl_memory_desc_t weights, const_dnnl_memory_desc_t bias, const_dnnl_memory_desc_t dst, const dnnl_dims_t strides, \
		const dnnl_dims_t dilates, const dnnl_dims_t left, const dnnl_dims_t right, dnnl_primitive_attr_t)) \
	F(int, convolution_backward_data_primitive_desc_create, (dnnl_primitive_desc_t*, dnnl_engine_t, int alg, const_dnnl_memory_desc_t src, \
		const_dnnl_memory_desc_t weights, const_dnnl_memory_desc_t dst, const dnnl_dims_t strides, const dnnl_dims_t dilates, \
		const dnnl_dims_t left, const dnnl_dims_t right, const_dnnl_primitive_desc_t, dnnl_primitive_attr_t)) \
	F(int, convolution_backward_weights_primitive_desc_create, (dnnl_primitive_desc_t*, dnnl_engine_t, int alg, const_dnnl_memory_desc_t src, \
		const_dnnl_memory_desc_t weights, const_dnnl_memory_desc_t bias, const_dnnl_memory_desc_t dst, const dnnl_dims_t strides, \
		const dnnl_dims_t dilates, const dnnl_dims_t left, const dnnl_dims_t right, const_dnnl_primitive_desc_t, dnnl_primitive_attr_t)) \
	F(int, reorder_primitive_desc_create, (dnnl_primitive_desc_t*, const_dnnl_memory_desc_t, dnnl_engine_t, const_dnnl_memory_desc_t, \
		dnnl_engine_t, dnnl_primitive_attr_t)) \
	F(int, primitive_desc_query, (const_dnnl_primitive_desc_t, int what, int index, void* result)) \
	F(const_dnnl_memory_desc_t, primitive_desc_query_md, (const_dnnl_primitive_desc_t, int what, int index)) \
	F(int, primitive_desc_destroy, (dnnl_primitive_desc_t)) \
	F(int, primitive_create, (dnnl_primitive_t*, const_dnnl_primitive_desc_t)) \
	F(int, primitive_destroy, (dnnl_primitive_t)) \
	F(int, primitive_execute, (dnnl_primitive_t, dnnl_stream_t, int, const dnnl_exec_arg_t*))

// dnnl holds the functions, under their names without dnnl_.
typedef struct {
#define FIELD(result, name, arguments) result (*name) arguments;
	FUNCTIONS(FIELD)
#undef FIELD
	void (*threads)(int); // omp_set_num_threads
} onednn;

extern onednn dnnl;
