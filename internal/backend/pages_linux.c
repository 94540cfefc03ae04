#include <limits.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

extern char** environ;

// keep_pages lets the C library keep what XLA gives back. XLA takes the temporaries of a call as one buffer. The C library returns one
// above 32 MiB to the system, and the next call touches each page anew: a seventh of the processors' time of a step of recipe R28. With this
// blocks of every size lie in one heap, which stays as large as it once was; a second arena would give back heaps of 64 MiB. It
// does nothing where the user chose settings of malloc, or where the C library is another than glibc. It runs before there are threads: the
// number of arenas is settled when a second thread allocates.
__attribute__((constructor)) static void keep_pages(void) {
#ifdef __GLIBC__
	for (char** variable = environ; *variable != NULL; variable++) {
		if (strncmp(*variable, "MALLOC_", 7) == 0) return;
		if (strncmp(*variable, "GLIBC_TUNABLES=", 15) == 0 && strstr(*variable, "glibc.malloc.") != NULL) return;
	}
	mallopt(M_MMAP_MAX, 0);
	mallopt(M_TRIM_THRESHOLD, INT_MAX);
	mallopt(M_ARENA_MAX, 1);
#endif
}
