#pragma once

#include <stdatomic.h>

#include "onednn_linux.h"

enum { value, of_images, of_kernel };

// A shape is a convolution of images [n, ih, iw, c] with a kernel whose axes o, c, kh, kw are so, sc, sy, sx numbers apart: [n, oh, ow, o]. What
// is computed of it, its value or one of its gradients, is what.
typedef struct {
	int64_t what, n, ih, iw, c, o, kh, kw, oh, ow, stride_y, stride_x, dilation_y, dilation_x, top, left, bottom, right, so, sc, sy, sx;
} shape;
enum { shape_numbers = sizeof(shape) / sizeof(int64_t), most_divided = 64, most_parts = 2 * most_divided };

// A part is what one thread computes at a time: a convolution of its own, and where in the whole its numbers begin.
typedef struct {
	shape of;
	int64_t images_at, outputs_at, kernel_at;
	dnnl_primitive_t convolve, order;
	dnnl_memory_desc_t images, outputs, kernel, plain, scratch; // the kernel as oneDNN wants it, and as XLA has it
	size_t kernel_bytes, packed_bytes, scratch_bytes;           // of a call's memory
	size_t own_at, packed_from, scratch_at;                     // and where they begin there: the kernel, outputs copied together, scratch
} part;

typedef struct plan {
	shape of;
	int parts, by_channels;
	size_t bytes; // that a call needs besides XLA's
	part part[most_parts];
	struct plan* next;
} plan;

// A job is a call of a plan. When it is done, end is called with of and with what is wrong, or NULL.
typedef struct {
	const plan* plan;
	float *images, *kernel, *outputs;
	char* memory;
	void (*end)(void* of, const char* wrong);
	void* of;
	_Atomic int next, left, references;
	_Atomic(const char*) wrong;
} job;

extern int onednn_parts; // that a convolution is divided into at most, but for rows of images
const char* open_onednn(const char* path);
const plan* find_plan(const shape* of);
const char* begin(job* j);
void work(job* j);
