//go:build mpi

#include <mpi.h>
#include <stdlib.h>

#include "rank.h"

static MPI_Comm work, talk;
static MPI_Request pending; // of the one exchange that is going on

static MPI_Datatype of(int kind) {
	return kind == FLOAT32 ? MPI_FLOAT : kind == FLOAT64 ? MPI_DOUBLE : MPI_BYTE;
}

static MPI_Datatype unit = MPI_DATATYPE_NULL; // of the last exchange that had one

// count_by makes a unit of so many bytes: MPI counts no more than an int has.
static int count_by(int bytes) {
	int code = unit == MPI_DATATYPE_NULL ? MPI_SUCCESS : MPI_Type_free(&unit);
	if (code != MPI_SUCCESS || (code = MPI_Type_contiguous(bytes, MPI_BYTE, &unit)) != MPI_SUCCESS) return code;
	return MPI_Type_commit(&unit);
}

// rank_begin starts MPI, without its handlers of signals: Go's make errors of them.
int rank_begin(int *rank, int *size, int *threads) {
	int provided;
	setenv("OMPI_MCA_opal_signal", "", 1);
	int code = MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided);
	if (code != MPI_SUCCESS) return code;
	*threads = provided >= MPI_THREAD_FUNNELED;
	if ((code = MPI_Comm_dup(MPI_COMM_WORLD, &work)) != MPI_SUCCESS) return code;
	if ((code = MPI_Comm_dup(MPI_COMM_WORLD, &talk)) != MPI_SUCCESS) return code;
	MPI_Comm_set_errhandler(work, MPI_ERRORS_RETURN);
	MPI_Comm_set_errhandler(talk, MPI_ERRORS_RETURN);
	MPI_Comm_rank(work, rank);
	return MPI_Comm_size(work, size);
}

int rank_end(void) { return MPI_Finalize(); }

// rank_meaning writes the text of a code, of LONGEST bytes at most, and returns its length.
int rank_meaning(int code, char *text) {
	int length = 0;
	_Static_assert(MPI_MAX_ERROR_STRING <= LONGEST, "the text of an error may be longer");
	MPI_Error_string(code, text, &length);
	return length;
}

// rank_gather counts rows of so many bytes.
int rank_gather(void *in, int count, void *out, int *counts, int *from, int row) {
	int code = count_by(row);
	return code == MPI_SUCCESS ? MPI_Iallgatherv(in, count, unit, out, counts, from, unit, work, &pending) : code;
}

int rank_reduce_scatter(void *in, void *out, int *counts, int kind) {
	return MPI_Ireduce_scatter(in, out, counts, of(kind), MPI_SUM, work, &pending);
}

int rank_all_reduce(void *in, void *out, int count, int kind) {
	return MPI_Iallreduce(in, out, count, of(kind), MPI_SUM, work, &pending);
}

// rank_broadcast counts words of so many bytes.
int rank_broadcast(void *data, int count, int word) {
	int code = count_by(word);
	return code == MPI_SUCCESS ? MPI_Ibcast(data, count, unit, 0, work, &pending) : code;
}

int rank_test(int *done) { return MPI_Test(&pending, done, MPI_STATUS_IGNORE); }

// rank_heard tells whether a rank has said something, which, what, and in how many bytes.
int rank_heard(int *there, int *from, int *tag, int *count) {
	MPI_Status status;
	int code = MPI_Iprobe(MPI_ANY_SOURCE, MPI_ANY_TAG, talk, there, &status);
	if (code != MPI_SUCCESS || !*there) return code;
	*from = status.MPI_SOURCE;
	*tag = status.MPI_TAG;
	return MPI_Get_count(&status, MPI_BYTE, count);
}

int rank_take(void *to, int count, int from, int tag) {
	return MPI_Recv(to, count, MPI_BYTE, from, tag, talk, MPI_STATUS_IGNORE);
}

// rank_say does not wait until it is heard: the text is to stay where it is.
int rank_say(void *text, int count, int to, int tag) {
	MPI_Request sent;
	int code = MPI_Isend(text, count, MPI_BYTE, to, tag, talk, &sent);
	return code == MPI_SUCCESS ? MPI_Request_free(&sent) : code;
}
