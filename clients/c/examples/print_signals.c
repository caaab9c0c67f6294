/* clients/c/examples/print_signals.c -- prints live signals.
 *
 *   print_signals [INSTANCE [RECORDS [COLUMN...]]]      default: demo 20 pbi_10bp ofi_1000ms
 *
 *   cc print_signals.c $(pkg-config --cflags --libs steelyard-c) */
#include <stdio.h>
#include <stdlib.h>
#include <steelyard/steelyard.h>

enum { kMostColumns = 8, kMostValues = 256 };

int main(int argc, char** argv) {
  const char* const instance = argc > 1 ? argv[1] : "demo";
  long left = argc > 2 ? atol(argv[2]) : 20;
  const char* names[kMostColumns] = {"pbi_10bp", "ofi_1000ms"};
  int count = 2;
  if (argc > 3) {
    for (count = 0; count < argc - 3 && count < kMostColumns; ++count)
      names[count] = argv[count + 3];
  }

  if (sy_abi_version() >> 16 != SY_ABI_MAJOR) {
    fprintf(stderr, "print_signals: libsteelyard is of another major version\n");
    return 1;
  }
  sy_reader* const feed = sy_reader_new(NULL);
  if (feed == NULL || sy_wait_for(feed, instance, 10000) != SY_ATTACHED) {
    fprintf(stderr, "print_signals: %s\n", feed == NULL ? "no memory" : sy_error(feed));
    sy_reader_free(feed);
    return 1;
  }

  int32_t places[kMostColumns];
  printf("venue symbol verdict bid ask");
  for (int i = 0; i < count; ++i) {
    sy_column column;
    const int64_t index = sy_find_column(feed, names[i]);
    if (index < 0 || !sy_get_column(feed, (uint32_t)index, &column)) {
      fprintf(stderr, "print_signals: instance \"%s\" has no column %s\n", instance, names[i]);
      sy_reader_free(feed);
      return 1;
    }
    places[i] = column.headline; /* -1: not in records, see sy_latest */
    printf(" %s", names[i]);
  }
  printf("\n");
  fflush(stdout);

  double values[kMostValues];
  sy_tick tick;
  sy_instrument instrument;
  while (left > 0) {
    switch (sy_next(feed, &tick, values, kMostValues, 1000)) {
      case SY_OK:
        if (!sy_get_instrument(feed, tick.instrument, &instrument)) break;
        printf("%-14s %-16s %-8s %10.10g %10.10g", instrument.venue, instrument.symbol,
               sy_is_live(&tick) ? "live" : "doubtful", sy_price(&tick, tick.best_bid),
               sy_price(&tick, tick.best_ask));
        for (int i = 0; i < count; ++i) {
          if (places[i] < 0) {
            printf("  (state)");
          } else {
            printf(" %8.4g", values[places[i]]);
          }
        }
        printf("\n");
        --left;
        break;
      case SY_LAPPED:
        fprintf(stderr, "print_signals: %llu records lost\n", (unsigned long long)sy_lost(feed));
        break;
      case SY_RESTARTED: /* columns may have moved: this program begins again */
      case SY_DEAD:
        fprintf(stderr, "print_signals: the publisher ended\n");
        sy_reader_free(feed);
        return 1;
      default: /* SY_EMPTY: a second without a record */
        break;
    }
  }
  sy_reader_free(feed);
  return 0;
}
