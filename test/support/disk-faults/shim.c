/* Stands between a process and its disk: writes and flushes of the store's files fail while the file that TALANOA_DISK_FAULT
 * names says so. "full": no room for writes. "write": writes fail. "sync": flushes fail. Anything else, or no file: all is well. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int fault(int fd, const char *kind) {
  const char *control = getenv("TALANOA_DISK_FAULT");
  char link[64], path[4096], word[16];
  ssize_t n;
  int in;
  if (control == NULL) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  n = readlink(link, path, sizeof path - 1);
  if (n <= 0) return 0;
  path[n] = 0;
  if (strstr(path, "/hub.db") == NULL) return 0;
  in = open(control, O_RDONLY);
  if (in < 0) return 0;
  n = read(in, word, sizeof word - 1);
  close(in);
  if (n <= 0) return 0;
  word[n] = 0;
  return strcmp(word, kind) == 0;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  static ssize_t (*real)(int, const void *, size_t, off64_t);
  if (real == NULL) real = dlsym(RTLD_NEXT, "pwrite64");
  if (fault(fd, "full")) { errno = ENOSPC; return -1; }
  if (fault(fd, "write")) { errno = EIO; return -1; }
  return real(fd, bytes, count, at);
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = dlsym(RTLD_NEXT, "fsync");
  if (fault(fd, "sync")) { errno = EIO; return -1; }
  return real(fd);
}
