// What ranks call of MPI, whose names are macros that Go does not see.

enum { FINE = 0, LONGEST = 1024 };
enum { ASK = 1, HERE = 2, FAILED = 3, AGREED = 4 }; // what ranks say to each other beside the exchange
enum { BYTES, FLOAT32, FLOAT64 };       // of what the exchange is

int rank_begin(int *rank, int *size, int *threads);
int rank_end(void);
int rank_meaning(int code, char *text);

int rank_gather(void *in, int count, void *out, int *counts, int *from, int row);
int rank_reduce_scatter(void *in, void *out, int *counts, int kind);
int rank_all_reduce(void *in, void *out, int count, int kind);
int rank_broadcast(void *data, int count, int word);
int rank_test(int *done);

int rank_heard(int *there, int *from, int *tag, int *count);
int rank_take(void *to, int count, int from, int tag);
int rank_say(void *text, int count, int to, int tag);
