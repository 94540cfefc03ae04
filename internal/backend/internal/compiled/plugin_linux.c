#include "plugin_linux.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "_cgo_export.h"

static api *plugin, *ours;

// unipair_open_plugin loads a plugin and makes a table of its functions in which ours compiles. It returns NULL, or what is wrong.
const char* unipair_open_plugin(const char* path) {
	void* library = dlopen(path, RTLD_LAZY | RTLD_LOCAL);
	if (library == NULL) return dlerror();
	api* (*get)(void) = (api* (*)(void))dlsym(library, "GetPjrtApi");
	if (get == NULL) return dlerror();
	plugin = get();
	if (plugin == NULL || plugin->major != 0 || plugin->size < sizeof(api) + (deserialize_and_load + 1) * sizeof(function)) {
		return "its functions are not those that are known";
	}
	ours = malloc(plugin->size);
	if (ours == NULL) return "no memory is left";
	memcpy(ours, plugin, plugin->size);
	ours->functions[client_compile] = (function)unipairCompile;
	return NULL;
}

uintptr_t unipair_our_functions(void) { return (uintptr_t)ours; }

void* unipair_extensions(void) { return plugin->extension; }

// unipair_compile lets the plugin compile other code than it was given.
void* unipair_compile(compile_args* args, const char* code, size_t size) {
	const program* given = args->program;
	program other = *given;
	other.code = code;
	other.code_size = size;
	args->program = &other;
	void* error = plugin->functions[client_compile](args);
	args->program = given;
	return error;
}

// succeeded destroys an error and tells whether there was none.
static int succeeded(void* error) {
	if (error == NULL) return 1;
	destroy_args args = {sizeof(args), NULL, error};
	plugin->functions[error_destroy](&args);
	return 0;
}

// unipair_load makes an executable of bytes, and tells whether the plugin took them.
int unipair_load(compile_args* args, const char* bytes, size_t size) {
	load_args loading = {sizeof(loading), NULL, args->client, bytes, size, NULL, NULL, 0};
	if (!succeeded(plugin->functions[deserialize_and_load](&loading))) return 0;
	args->executable = loading.executable;
	return 1;
}

// unipair_serialize gives the bytes of an executable, which stay until they are released, and tells whether the plugin has any.
int unipair_serialize(void* loaded, serialize_args* out) {
	get_executable_args get = {sizeof(get), NULL, loaded, NULL};
	if (!succeeded(plugin->functions[loaded_get_executable](&get))) return 0;
	memset(out, 0, sizeof(*out));
	out->size = sizeof(*out);
	out->executable = get.executable;
	int done = succeeded(plugin->functions[executable_serialize](out));
	destroy_args end = {sizeof(end), NULL, get.executable};
	succeeded(plugin->functions[executable_destroy](&end));
	return done;
}

void unipair_release(serialize_args* out) { if (out->release != NULL) out->release(out->backing); }
