#include "handler_linux.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ffi_linux.h"
#include "plan_linux.h"

static const ffi_api* xla;

static void* failure(const char* message, int code) {
	ffi_error_args args = {sizeof args, NULL, message, code};
	return xla->error_create(&args);
}

// end tells XLA that a call is done.
static void end(void* future, const char* wrong) {
	if (wrong != NULL) {
		ffi_future_error_args args = {sizeof args, NULL, future, failure(wrong, ffi_code_internal)};
		xla->future_error(&args);
	} else {
		ffi_future_args args = {sizeof args, NULL, future};
		xla->future_available(&args);
	}
}

static void task(void* of) { work(of); }

// images returns the numbers of a tensor [n, h, w, c], or NULL where it is another.
static float* images(const ffi_buffer* b, int64_t n, int64_t h, int64_t w, int64_t c) {
	return b->type == ffi_f32 && b->rank == 4 && b->dims[0] == n && b->dims[1] == h && b->dims[2] == w && b->dims[3] == c ? b->data : NULL;
}

// kernel returns the numbers of a kernel of a shape, or NULL where it has others.
static float* kernel(const ffi_buffer* b, const shape* s) {
	if (b->type != ffi_f32 || b->rank != 4 || s->so < 1 || s->sc < 1 || s->sy < 1 || s->sx < 1) return NULL;
	int64_t last = (s->o - 1) * s->so + (s->c - 1) * s->sc + (s->kh - 1) * s->sy + (s->kw - 1) * s->sx, count = b->dims[0] * b->dims[1] * b->dims[2] * b->dims[3];
	return s->o * s->c * s->kh * s->kw == count && last == count - 1 ? b->data : NULL;
}

// operands gives a job the tensors of a call, and tells whether they are those of a shape.
static int operands(job* j, const ffi_call* call, const shape* s) {
	if (call->arguments.count != 2 || call->results.count != 1) return 0;
	const ffi_buffer *a = call->arguments.values[0], *b = call->arguments.values[1], *c = call->results.values[0];
	const ffi_buffer *in = s->what == of_images ? c : a, *out = s->what == value ? c : s->what == of_images ? a : b, *k = s->what == of_kernel ? c : b;
	j->images = images(in, s->n, s->ih, s->iw, s->c);
	j->outputs = images(out, s->n, s->oh, s->ow, s->o);
	j->kernel = kernel(k, s);
	return j->images != NULL && j->outputs != NULL && j->kernel != NULL;
}

// fail ends a call before its parts.
static void* fail(job* j, const char* message, int code) {
	if (j != NULL) free(j->memory);
	free(j);
	return failure(message, code);
}

// handle computes a convolution for XLA, in this thread and in XLA's others. It returns before all is done.
static void* handle(ffi_call* call) {
	for (ffi_extension* e = call->extension; e != NULL; e = e->next) {
		if (e->type != ffi_extension_metadata) continue;
		ffi_version* version = &((ffi_metadata_extension*)e)->metadata->version;
		version->major = ffi_major, version->minor = ffi_minor;
		if (call->api->version.major == ffi_major && call->api->version.minor == ffi_minor) xla = call->api;
		return NULL;
	}
	const ffi_array* numbers = call->attributes.count == 1 && call->attributes.types[0] == ffi_attribute_array ? call->attributes.values[0] : NULL;
	job* j = calloc(1, sizeof(job));
	if (j == NULL) return fail(j, "no memory is left for a convolution", ffi_code_resources);
	if (numbers == NULL || numbers->type != ffi_s64 || numbers->size != shape_numbers || !operands(j, call, numbers->data))
		return fail(j, "a convolution has other operands than its numbers say", ffi_code_internal);
	const plan* p = j->plan = find_plan(numbers->data);
	if (p == NULL) return fail(j, "oneDNN has no such convolution", ffi_code_internal);
	const char* wrong = begin(j);
	ffi_future_args future = {sizeof future, NULL, NULL};
	if (wrong != NULL) return fail(j, wrong, ffi_code_resources);
	void* refused = xla->future_create(&future);
	if (refused != NULL) {
		free(j->memory);
		free(j);
		return refused;
	}
	j->end = end, j->of = future.future;
	call->future = future.future;
	for (int i = 1; i < p->parts; i++) {
		ffi_schedule_args args = {sizeof args, NULL, call->context, task, j};
		atomic_fetch_add(&j->references, 1);
		refused = xla->schedule(&args);
		if (refused != NULL) { // this thread computes all
			ffi_destroy_args destroy = {sizeof destroy, NULL, refused};
			xla->error_destroy(&destroy);
			atomic_fetch_sub(&j->references, 1);
			break;
		}
	}
	work(j);
	return NULL;
}

// unipair_open_convolutions opens oneDNN and gives it to XLA, whose first extension of PJRT's functions is given. It returns NULL, or what is wrong.
const char* unipair_open_convolutions(const char* library, void* extensions) {
	const char* wrong = open_onednn(library);
	if (wrong != NULL) return wrong;
	for (ffi_extension* e = extensions; e != NULL; e = e->next) {
		if (e->type != pjrt_extension_ffi) continue;
		static const char name[] = "unipair_convolution", platform[] = "Host";
		pjrt_register_args args = {sizeof args, name, strlen(name), (void*)handle, platform, strlen(platform), 0};
		// A plugin of other interfaces refuses by the sizes of structures or by the version, and its error is not looked at.
		return ((pjrt_ffi*)e)->register_handler(&args) == NULL && xla != NULL ? NULL : "the plugin has other interfaces than are known";
	}
	return "XLA has no place for functions";
}

int unipair_has_convolution(const int64_t* numbers) { return find_plan((const shape*)numbers) != NULL; }

int unipair_parts(void) { return onednn_parts; }

const char* unipair_onednn_version(void) {
	static char text[40];
	const dnnl_version_t* v = dnnl.version();
	snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
	return text;
}
