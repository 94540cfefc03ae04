#define _GNU_SOURCE
#include "plan_linux.h"

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

onednn dnnl;
static dnnl_engine_t engine;
static dnnl_primitive_attr_t attributes;
int onednn_parts;
static pthread_key_t stream; // of a thread; Go's own linker, which notebooks' cells are linked by, knows no _Thread_local

// ready gives a thread its stream, and makes oneDNN compute in this thread alone.
static int ready(void) {
	if (pthread_getspecific(stream) != NULL) return 1;
	dnnl.threads(1);
	dnnl_stream_t made = NULL;
	return dnnl.stream_create(&made, engine, dnnl_in_order) == 0 && pthread_setspecific(stream, made) == 0;
}

// close_stream ends the stream of a thread that ends.
static void close_stream(void* of) { dnnl.stream_destroy(of); }

static int64_t least(int64_t a, int64_t b) { return a < b ? a : b; }

// open_onednn opens oneDNN's library. It returns NULL, or what is wrong.
const char* open_onednn(const char* path) {
	void* library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (library == NULL) return dlerror();
#define FIND(result, name, arguments) \
	if ((dnnl.name = (result(*) arguments)dlsym(library, "dnnl_" #name)) == NULL) return dlerror();
	FUNCTIONS(FIND)
#undef FIND
	if ((dnnl.threads = (void (*)(int))dlsym(library, "omp_set_num_threads")) == NULL) return dlerror();
	if (dnnl.version()->major != 3 || dnnl.version()->cpu_runtime != dnnl_runtime_omp) return "it is not oneDNN 3 with OpenMP";
	cpu_set_t set;
	// Two for each processor: who waits for the last part waits for half as long.
	int processors = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
	onednn_parts = processors > 1 ? least(2 * processors, most_divided) : 1;
	if (pthread_key_create(&stream, close_stream) != 0 || dnnl.engine_create(&engine, dnnl_cpu, 0) != 0 || dnnl.primitive_attr_create(&attributes) != 0 ||
		dnnl.primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_user) != 0 || !ready())
		return "oneDNN does not start";
	return NULL;
}

static int64_t most(int64_t a, int64_t b) { return a > b ? a : b; }
static size_t rounded(size_t bytes) { return (bytes + 63) / 64 * 64; }

// make_primitive makes one, unless it is a slow one, and keeps the larger scratch of those that a part has.
static int make_primitive(dnnl_primitive_t* made, const_dnnl_primitive_desc_t described, part* p) {
	const char* name = "ref";
	dnnl.primitive_desc_query(described, dnnl_query_impl, 0, &name);
	if (strncmp(name, "ref", 3) == 0 || dnnl.primitive_create(made, described) != 0) return 0;
	const_dnnl_memory_desc_t scratch = dnnl.primitive_desc_query_md(described, dnnl_query_scratchpad, 0);
	size_t bytes = scratch == NULL ? 0 : dnnl.memory_desc_get_size(scratch);
	if (bytes <= p->scratch_bytes) return 1;
	if (p->scratch != NULL) dnnl.memory_desc_destroy(p->scratch);
	p->scratch = NULL, p->scratch_bytes = bytes;
	return dnnl.memory_desc_clone(&p->scratch, scratch) == 0;
}

// describe describes the primitive of a part, with a kernel that lies as it is told, or as oneDNN wants.
static int describe(dnnl_primitive_desc_t* described, const part* p, const_dnnl_memory_desc_t kernel) {
	const shape* s = &p->of;
	const dnnl_dims_t strides = {s->stride_y, s->stride_x}, dilations = {s->dilation_y - 1, s->dilation_x - 1}, before = {s->top, s->left},
	                  behind = {s->bottom, s->right}, dims = {s->o, s->c, s->kh, s->kw};
	dnnl_memory_desc_t any = NULL;
	if (dnnl.memory_desc_create_with_tag(&any, 4, dims, dnnl_f32, dnnl_any) != 0) return 0;
	dnnl_primitive_desc_t values = NULL; // gradients are described by it
	int wrong = dnnl.convolution_forward_primitive_desc_create(&values, engine, dnnl_forward_training, dnnl_direct, p->images,
		s->what == value && kernel != NULL ? kernel : any, NULL, p->outputs, strides, dilations, before, behind, attributes);
	if (kernel == NULL) kernel = any;
	if (!wrong && s->what == of_images)
		wrong = dnnl.convolution_backward_data_primitive_desc_create(described, engine, dnnl_direct, p->images, kernel, p->outputs, strides,
			dilations, before, behind, values, attributes);
	if (!wrong && s->what == of_kernel)
		wrong = dnnl.convolution_backward_weights_primitive_desc_create(described, engine, dnnl_direct, p->images, kernel, NULL, p->outputs,
			strides, dilations, before, behind, values, attributes);
	if (!wrong && s->what == value) *described = values;
	else if (values != NULL) dnnl.primitive_desc_destroy(values);
	dnnl.memory_desc_destroy(any);
	return !wrong;
}

// make_part makes what a part needs for its shape. Its kernel lies as that of another part, if there is one.
static int make_part(part* p, const part* like) {
	const shape* s = &p->of;
	if (s->what < value || s->what > of_kernel) return 0;
	const dnnl_dims_t images = {s->n, s->c, s->ih, s->iw}, images_apart = {s->ih * s->iw * s->c, 1, s->iw * s->c, s->c},
	                  outputs = {s->n, s->o, s->oh, s->ow}, outputs_apart = {s->oh * s->ow * s->o, 1, s->ow * s->o, s->o},
	                  kernel = {s->o, s->c, s->kh, s->kw}, kernel_apart = {s->so, s->sc, s->sy, s->sx};
	if (dnnl.memory_desc_create_with_strides(&p->images, 4, images, dnnl_f32, images_apart) != 0 ||
		dnnl.memory_desc_create_with_strides(&p->outputs, 4, outputs, dnnl_f32, outputs_apart) != 0 ||
		dnnl.memory_desc_create_with_strides(&p->plain, 4, kernel, dnnl_f32, kernel_apart) != 0)
		return 0;
	dnnl_primitive_desc_t described = NULL, order = NULL;
	if (!describe(&described, p, like == NULL ? NULL : like->kernel)) return 0;
	int which = s->what == of_kernel ? dnnl_query_diff_weights : dnnl_query_weights;
	int made = dnnl.memory_desc_clone(&p->kernel, dnnl.primitive_desc_query_md(described, which, 0)) == 0 && make_primitive(&p->convolve, described, p);
	dnnl.primitive_desc_destroy(described);
	if (!made) return 0;
	p->kernel_bytes = dnnl.memory_desc_get_size(p->kernel);
	if (like != NULL) return 1;
	const_dnnl_memory_desc_t from = s->what == of_kernel ? p->kernel : p->plain, to = s->what == of_kernel ? p->plain : p->kernel;
	if (dnnl.reorder_primitive_desc_create(&order, from, engine, to, engine, attributes) != 0) return 0;
	made = make_primitive(&p->order, order, p);
	dnnl.primitive_desc_destroy(order);
	return made;
}

static void destroy_plan(plan* p) {
	for (int i = 0; i < p->parts; i++) {
		part* of = &p->part[i];
		if (of->convolve != NULL) dnnl.primitive_destroy(of->convolve);
		if (of->order != NULL) dnnl.primitive_destroy(of->order);
		dnnl_memory_desc_t all[] = {of->images, of->outputs, of->kernel, of->plain, of->scratch};
		for (int k = 0; k < 5; k++)
			if (all[k] != NULL) dnnl.memory_desc_destroy(all[k]);
	}
	free(p);
}

// pixels counts those that a convolution is divided by channels of: of the outputs, or of the images whose gradient it is.
static int64_t pixels(const shape* s) { return s->what == of_images ? s->n * s->ih * s->iw : s->n * s->oh * s->ow; }

// divide_images makes a part of some of the images each.
static void divide_images(plan* p, int64_t parts) {
	const shape* s = &p->of;
	p->parts = parts = least(parts, s->n);
	for (int64_t i = 0; i < parts; i++) {
		part* of = &p->part[i];
		int64_t from = s->n * i / parts;
		of->of = *s;
		of->of.n = s->n * (i + 1) / parts - from;
		of->images_at = from * s->ih * s->iw * s->c;
		of->outputs_at = from * s->oh * s->ow * s->o;
	}
}

// divide_channels makes a part of some of the channels each, in sixteens, which oneDNN takes together: those of the outputs, or of the
// images whose gradient it is.
static void divide_channels(plan* p, int64_t parts) {
	const shape* s = &p->of;
	int64_t channels = s->what == of_images ? s->c : s->o, sixteens = (channels + 15) / 16;
	p->parts = parts;
	p->by_channels = 1;
	for (int64_t i = 0; i < parts; i++) {
		part* of = &p->part[i];
		int64_t from = sixteens * i / parts * 16, width = least(sixteens * (i + 1) / parts * 16, channels) - from;
		of->of = *s;
		if (s->what == of_images) of->of.c = width, of->images_at = from, of->kernel_at = from * s->sc;
		else of->of.o = width, of->outputs_at = from, of->kernel_at = from * s->so;
		of->packed_bytes = pixels(s) * width * sizeof(float);
	}
}

// divide_rows makes a part of some of an image's rows each, where there are fewer images than parts. It returns 0 where a part would see
// zeros alone.
static int divide_rows(plan* p, int64_t parts) {
	const shape* s = &p->of;
	int64_t each = least((parts + s->n - 1) / s->n, s->oh);
	p->parts = 0;
	for (int64_t image = 0; image < s->n; image++)
		for (int64_t i = 0; i < each; i++) {
			part* of = &p->part[p->parts++];
			int64_t from = s->oh * i / each, to = s->oh * (i + 1) / each;
			int64_t first = from * s->stride_y - s->top, end = (to - 1) * s->stride_y + (s->kh - 1) * s->dilation_y + 1 - s->top;
			of->of = *s;
			of->of.n = 1;
			of->of.oh = to - from;
			of->of.top = most(-first, 0);
			of->of.bottom = most(end - s->ih, 0);
			of->of.ih = least(end, s->ih) - most(first, 0);
			of->images_at = (image * s->ih + most(first, 0)) * s->iw * s->c;
			of->outputs_at = (image * s->oh + from) * s->ow * s->o;
			if (of->of.ih < 1) return 0;
		}
	return 1;
}

// make_plan divides a convolution among the threads. It returns NULL where oneDNN has nothing quick.
static plan* make_plan(const shape* s) {
	const int64_t worth = 10 << 20; // products of two numbers, a fifth of a millisecond: less is not divided
	plan* p = calloc(1, sizeof(plan));
	if (p == NULL) return NULL;
	p->of = *s;
	int64_t kernel = s->o * s->c * s->kh * s->kw, channels = s->what == of_images ? s->c : s->o;
	int64_t parts = least(onednn_parts, 1 + s->n * s->oh * s->ow * kernel / worth);
	// By images each part takes the whole kernel, or gives a gradient of it to add up; by channels the numbers of its own lie apart, and are copied.
	if (parts > 1 && (channels + 15) / 16 >= parts && pixels(s) * channels < parts * kernel) divide_channels(p, parts);
	else if (s->what != value || s->n >= parts || !divide_rows(p, parts)) divide_images(p, parts);
	for (int i = 0; i < p->parts; i++) {
		part* of = &p->part[i];
		int shared = i > 0 && !p->by_channels;
		if (!make_part(of, shared ? &p->part[0] : NULL)) {
			destroy_plan(p);
			return NULL;
		}
		of->own_at = p->bytes;
		if (i == 0 || p->by_channels || s->what == of_kernel) p->bytes += rounded(of->kernel_bytes);
		else of->own_at = 0;
		of->packed_from = p->bytes, p->bytes += rounded(of->packed_bytes);
		of->scratch_at = p->bytes, p->bytes += rounded(of->scratch_bytes);
	}
	return p;
}

// find_plan returns the plan for a shape, which stays, or NULL.
const plan* find_plan(const shape* of) {
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static plan* plans;
	if (!ready()) return NULL;
	pthread_mutex_lock(&lock);
	plan* p = plans;
	while (p != NULL && memcmp(&p->of, of, sizeof(shape)) != 0) p = p->next;
	if (p == NULL && (p = make_plan(of)) != NULL) p->next = plans, plans = p;
	pthread_mutex_unlock(&lock);
	return p;
}

typedef struct { int argument; const_dnnl_memory_desc_t described; void* at; } operand;

static int execute(dnnl_primitive_t primitive, const operand* operands, int count) {
	dnnl_exec_arg_t arguments[4];
	int made = 0;
	for (; made < count; made++) {
		arguments[made].arg = operands[made].argument;
		if (dnnl.memory_create(&arguments[made].memory, operands[made].described, engine, operands[made].at) != 0) break;
	}
	int done = made == count && dnnl.primitive_execute(primitive, pthread_getspecific(stream), count, arguments) == 0;
	while (made > 0) dnnl.memory_destroy(arguments[--made].memory);
	return done;
}

// order brings a kernel from one of its two forms to the other.
static int order(const part* p, char* memory, float* plain) {
	operand own = {DNNL_SRC, p->kernel, memory + p->own_at}, whole = {DNNL_DST, p->plain, plain + p->kernel_at};
	if (p->of.what != of_kernel) own.argument = DNNL_DST, whole.argument = DNNL_SRC;
	const operand operands[] = {own, whole, {DNNL_SCRATCHPAD, p->scratch, memory + p->scratch_at}};
	return execute(p->order, operands, p->scratch == NULL ? 2 : 3);
}

// begin does what comes before the parts. It returns NULL, or what is wrong.
const char* begin(job* j) {
	const plan* p = j->plan;
	if (!ready() || (p->bytes > 0 && (j->memory = aligned_alloc(64, p->bytes)) == NULL)) return "no memory is left for a convolution";
	atomic_store(&j->left, p->parts);
	atomic_store(&j->references, 1);
	if (p->of.what == of_kernel || p->by_channels || order(&p->part[0], j->memory, j->kernel)) return NULL;
	return "oneDNN does not take the kernel of a convolution";
}

// copy copies numbers of pixels that lie apart by from to where they lie apart by to.
static void copy(float* target, int64_t to, const float* source, int64_t from, int64_t numbers, int64_t pixels) {
	for (int64_t i = 0; i < pixels; i++) memcpy(target + i * to, source + i * from, numbers * sizeof(float));
}

static int compute(const job* j, const part* p) {
	const shape* s = &p->of;
	const int by_channels = j->plan->by_channels, kernel_first = by_channels && s->what != of_kernel;
	float *images = j->images + p->images_at, *outputs = j->outputs + p->outputs_at;
	// What is divided by channels, where it lies in the whole, and a copy of this part alone.
	float **divided = s->what == of_images ? &images : &outputs, *whole = *divided, *packed = (float*)(j->memory + p->packed_from);
	const int64_t width = s->what == of_images ? s->c : s->o, all = s->what == of_images ? j->plan->of.c : j->plan->of.o;
	if (by_channels) *divided = packed;
	if (by_channels && s->what == of_kernel) copy(packed, width, whole, all, width, pixels(s));
	if (kernel_first && !order(p, j->memory, j->kernel)) return 0;
	const operand operands[] = {
		{s->what == of_images ? DNNL_DIFF_SRC : DNNL_SRC, p->images, images},
		{s->what == value ? DNNL_DST : DNNL_DIFF_DST, p->outputs, outputs},
		{s->what == of_kernel ? DNNL_DIFF_WEIGHTS : DNNL_WEIGHTS, p->kernel, j->memory + p->own_at},
		{DNNL_SCRATCHPAD, p->scratch, j->memory + p->scratch_at},
	};
	if (!execute(p->convolve, operands, p->scratch == NULL ? 3 : 4)) return 0;
	if (kernel_first) copy(whole, all, packed, width, width, pixels(s));
	return !by_channels || kernel_first || order(p, j->memory, j->kernel);
}

// add adds up what the parts have of the gradient of a kernel, always in the same order.
static int add(const job* j) {
	const part* first = &j->plan->part[0];
	float* restrict sum = (float*)(j->memory + first->own_at);
	for (int i = 1; i < j->plan->parts; i++) {
		const float* restrict more = (const float*)(j->memory + j->plan->part[i].own_at);
		for (size_t k = 0; k < first->kernel_bytes / sizeof(float); k++) sum[k] += more[k];
	}
	return order(first, j->memory, j->kernel);
}

// work computes the parts that nobody has begun. Who ends the last one ends the job; what waits for that may begin in it.
void work(job* j) {
	const plan* p = j->plan;
	for (int i; (i = atomic_fetch_add(&j->next, 1)) < p->parts;) {
		if (!ready() || !compute(j, &p->part[i])) atomic_store(&j->wrong, "oneDNN does not compute a convolution");
		if (atomic_fetch_sub(&j->left, 1) > 1) continue;
		if (p->of.what == of_kernel && !p->by_channels && atomic_load(&j->wrong) == NULL && !add(j))
			atomic_store(&j->wrong, "oneDNN does not give the gradient of a kernel");
		free(j->memory);
		j->end(j->of, atomic_load(&j->wrong));
	}
	if (atomic_fetch_sub(&j->references, 1) == 1) free(j);
}
