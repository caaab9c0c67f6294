/* tests/bench/read_latency.c -- the same through the C library. scripts/bench_clients runs it.
 *
 *   read_latency INSTANCE RECORDS BURST        a line a record: ns; rests after each burst */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <steelyard/steelyard.h>
#include <time.h>

static int64_t wall_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const size_t records = (size_t)atol(argv[2]);
  const size_t burst = (size_t)atol(argv[3]);
  const struct timespec pause = {0, 200000000};
  int64_t* const took = malloc(records * sizeof *took);
  sy_reader* const feed = sy_reader_new(NULL);
  if (took == NULL || feed == NULL || sy_wait_for(feed, argv[1], 10000) != SY_ATTACHED) return 1;
  puts("attached");
  fflush(stdout);
  sy_tick tick;
  double values[64];
  size_t count = 0;
  while (count + sy_lost(feed) < records) {
    const sy_polled polled = sy_poll(feed, &tick, values, 64);
    if (polled == SY_OK) {
      took[count++] = wall_ns() - tick.published;
      if (count % burst == 0) nanosleep(&pause, NULL);
    }
    if (polled == SY_DEAD) return 1;
  }
  for (size_t i = 0; i < count; ++i) printf("%lld\n", (long long)took[i]);
  sy_reader_free(feed);
  free(took);
  return 0;
}
