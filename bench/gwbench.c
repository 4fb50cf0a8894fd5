/*
 * gwbench - mock Gemini/OpenAI upstream + HTTP/1.1 load generator in ONE epoll loop (Linux only).
 *
 *   gcc -O2 -Wall -o gwbench gwbench.c -lm
 *
 *   gwbench serve [--port 9000]
 *        the mock upstream alone
 *   gwbench load --target HOST:PORT --path PATH [options]
 *        the load generator; with --serve 9000 the mock upstream lives in the same process and thread
 *        (no context switches between generator and upstream, so one core can drive a fast proxy)
 *
 * Why one process: on a 2-core machine the proxy gets one core and generator + upstream share the other.
 *
 * MOCK SCENARIOS. The mock looks for "mock-<spec>" in the request path, and, when the path has none, in the first
 * bytes of the body (so `"model":"mock-u1k"` works too). <spec> is letters with numbers, in any order:
 *   u<N>[k|m]   unary JSON answer of about N bytes (Content-Length)
 *   sse<N>      N server-sent events, all in one write (Transfer-Encoding: chunked, one HTTP chunk per event)
 *   x           ... each event in its own write, back to back
 *   p<MS>       ... events MS milliseconds apart (the first comes with the head)
 *   d<MS>       wait MS ms before answering (think time)
 *   r<MBps>     read the request body slowly, at about MBps megabytes/s (Content-Length bodies only)
 *   e<STATUS>   answer with this status and a small JSON error
 *   o           OpenAI chat-completions format (default: Gemini format; also chosen by a path with /chat/completions)
 * Every event carries "@<20 digits>" in its text: CLOCK_MONOTONIC ns when it was written. The generator finds these
 * stamps in the answer, whatever format the gateway turned it into, and so measures one-way latency per event.
 *
 * LOAD OPTIONS
 *   --conns C            closed loop: C keep-alive connections, each one request at a time. open loop: the most
 *                        connections (default 1024)
 *   --rate R [--poisson] open loop, R requests/s; latency runs from the time a request was DUE, so a stall of the
 *                        proxy is charged to every request it delayed (no coordinated omission)
 *   --duration S --warmup S (default 5, 1)
 *   --hold S             open --conns connections, one request each; once the first event has come on all of them
 *                        (or after 30 s) wait S seconds, then read memory: for idle/slow streams
 *   --body-size N --body-kind text|b64|esc   Gemini JSON body of about N bytes: prose, base64 inlineData, or text
 *                        full of \" and \n; --oai-model NAME: an OpenAI chat body with that model instead
 *   --body-file F        a body from a file;  --method M;  -H 'k: v' (repeat)
 *   --pid P (repeat)     processes of the gateway: CPU (ns from /proc/P/task/.../schedstat), RSS and peak RSS
 *   --read-rate MBps     read the answer slowly (tests response back-pressure)
 *   --expect STATUS      (default 200) anything else counts as an error
 * One line of JSON on stdout; latencies in microseconds: lat (whole call), ttfb (first byte of the head), ev1 (first
 * event), all from the time a call was due; ev (each event) and first (the first event of each stream) one way, from
 * the upstream's write to the generator's read; bad_status: the last status that was not the expected one (0: a
 * connection was cut).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef uint64_t u64;
static int ep;
static u64 now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (u64)t.tv_sec * 1000000000ull + t.tv_nsec; }
static void die(const char *m) { perror(m); exit(1); }

/* ---------------------------------------------------------------- histogram: 64 sub-buckets per octave (1.6 %) */
typedef struct { u64 n, max; double sum; uint32_t b[64 * 48]; } Hist;
static void h_add(Hist *h, u64 v) {
  int e = v < 64 ? 0 : 63 - __builtin_clzll(v) - 5;
  unsigned i = e == 0 ? (unsigned)v : (unsigned)(e * 64 + ((v >> (e - 1)) & 63));
  if (i >= 64 * 48) i = 64 * 48 - 1;
  h->b[i]++; h->n++; h->sum += v; if (v > h->max) h->max = v;
}
static double h_q(const Hist *h, double q) {
  if (!h->n) return 0;
  u64 want = (u64)ceil(q * h->n), c = 0; if (!want) want = 1;
  for (unsigned i = 0; i < 64 * 48; i++) { c += h->b[i]; if (c >= want) {
    if (i < 64) return i;
    int e = i / 64; double lo = (double)((64ull + (i & 63)) << (e - 1)), w = (double)(1ull << (e - 1)); double v = lo + w / 2; return v > h->max ? h->max : v; } }
  return h->max;
}
static void h_json(const char *name, const Hist *h) {
  printf(",\"%s\":{\"n\":%" PRIu64 ",\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p999\":%.1f,\"max\":%.1f,\"mean\":%.1f}", name, h->n,
         h_q(h, .5) / 1e3, h_q(h, .9) / 1e3, h_q(h, .99) / 1e3, h_q(h, .999) / 1e3, h->max / 1e3, h->n ? h->sum / h->n / 1e3 : 0);
}

/* ---------------------------------------------------------------- chunked decoder (only finds the end) */
typedef struct { int st; int done; u64 left; } Chunked;
static size_t chunk_feed(Chunked *d, const char *p, size_t n) {
  size_t i = 0;
  while (i < n && !d->done) switch (d->st) {
    case 0: case 1: { int c = p[i++];
      if (c == '\n') { d->st = d->left ? 2 : 4; }
      else if (d->st == 0) { if (c >= '0' && c <= '9') d->left = d->left * 16 + c - '0';
        else if ((c | 32) >= 'a' && (c | 32) <= 'f') d->left = d->left * 16 + (c | 32) - 'a' + 10; else if (c != '\r') d->st = 1; }
      break; }
    case 2: { size_t t = n - i < d->left ? n - i : (size_t)d->left; i += t; d->left -= t; if (!d->left) d->st = 3; break; }
    case 3: if (p[i++] == '\n') { d->st = 0; d->left = 0; } break;
    case 4: { int c = p[i++]; if (c == '\n') d->done = 1; else if (c != '\r') d->st = 5; break; }
    case 5: if (p[i++] == '\n') d->st = 4; break;
  }
  return i;
}
static const char *hdr(const char *head, size_t n, const char *name, size_t *vl) { /* name in lower case with colon */
  size_t l = strlen(name); const char *p = head, *e = head + n;
  while ((p = memchr(p, '\n', e - p)) && ++p + l < e)
    if (!strncasecmp(p, name, l)) { p += l; while (p < e && *p == ' ') p++; const char *q = memchr(p, '\r', e - p); *vl = (q ? q : e) - p; return p; }
  return NULL;
}

/* ================================================================ mock upstream */
enum { K_LISTEN = 1, K_SRV, K_CLI };
#define TS 21 /* '@' + 20 digits */
typedef struct { char *p; size_t n, ts; } Buf;
typedef struct { char name[64]; int unary, n, paced, xw, delay, rate, status, oai; long size; Buf head, *ev; Buf whole; } Scn;
static Scn *scns[256]; static int nscn;

static void put_ts(char *at, u64 t) { at[0] = '@'; for (int i = 20; i >= 1; i--) { at[i] = '0' + t % 10; t /= 10; } }
static void bcat(Buf *b, const char *s, size_t n) { b->p = realloc(b->p, b->n + n + 1); memcpy(b->p + b->n, s, n); b->n += n; b->p[b->n] = 0; }
static const char *LOREM = "the quick brown fox jumps over the lazy dog while streaming tokens ";

static Scn *scn_get(const char *spec, size_t n, int oai) {
  char key[64]; if (n > 60) n = 60; snprintf(key, sizeof key, "%c%.*s", oai ? 'O' : 'G', (int)n, spec);
  for (int i = 0; i < nscn; i++) if (!strcmp(scns[i]->name, key)) return scns[i];
  if (nscn == 256) return scns[0];
  Scn *s = calloc(1, sizeof *s); strcpy(s->name, key); s->oai = oai; s->status = 200;
  for (const char *p = spec, *e = spec + n; p < e;) {
    char c = *p++; if (c == 's' && p + 1 < e && p[0] == 's' && p[1] == 'e') { p += 2; c = 'S'; }
    long v = strtol(p, (char **)&p, 10);
    switch (c) {
      case 'u': s->unary = 1; if (p < e && (*p == 'k' || *p == 'm')) v *= *p++ == 'k' ? 1024 : 1048576; s->size = v; break;
      case 'S': s->n = v; break; case 'x': s->xw = 1; break; case 'p': s->paced = v; break;
      case 'd': s->delay = v; break; case 'r': s->rate = v; break; case 'e': s->status = v; break; case 'o': s->oai = 1; break;
    }
  }
  if (s->status != 200) {
    char body[512], h[256]; int bl = snprintf(body, sizeof body, "{\"error\":{\"code\":%d,\"message\":\"mock error\",\"status\":\"RESOURCE_EXHAUSTED\",\"details\":[{\"@type\":\"type.googleapis.com/google.rpc.RetryInfo\",\"retryDelay\":\"17s\"}]}}", s->status);
    int hl = snprintf(h, sizeof h, "HTTP/1.1 %d Error\r\nContent-Type: application/json; charset=UTF-8\r\nContent-Length: %d\r\n\r\n", s->status, bl);
    bcat(&s->whole, h, hl); bcat(&s->whole, body, bl); s->unary = 1;
  } else if (s->n) {
    const char *h = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Disposition: attachment\r\nVary: Origin, X-Origin, Referer\r\nServer: scaffolding on HTTPServer2\r\nX-Content-Type-Options: nosniff\r\nServer-Timing: gfet4t7; dur=123\r\nTransfer-Encoding: chunked\r\n\r\n";
    bcat(&s->head, h, strlen(h)); bcat(&s->whole, h, strlen(h));
    s->ev = calloc(s->n, sizeof(Buf));
    for (int i = 0; i < s->n; i++) {
      char d[1200], c[1400]; int last = i == s->n - 1;
      int l = s->oai
        ? snprintf(d, sizeof d, "data: {\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"gpt-mock\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"@00000000000000000000 %s\"},\"finish_reason\":%s}]%s}\n\n%s", LOREM, last ? "\"stop\"" : "null", last ? ",\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":300,\"total_tokens\":400}" : "", last ? "data: [DONE]\n\n" : "")
        : snprintf(d, sizeof d, "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"@00000000000000000000 %s\"}],\"role\": \"model\"}%s,\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 100,\"candidatesTokenCount\": %d,\"totalTokenCount\": %d,\"promptTokensDetails\": [{\"modality\": \"TEXT\",\"tokenCount\": 100}]},\"modelVersion\": \"gemini-2.5-flash\",\"responseId\": \"mock-response-id\"}\r\n\r\n", LOREM, last ? ",\"finishReason\": \"STOP\"" : "", 10 * (i + 1), 100 + 10 * (i + 1));
      int k = snprintf(c, sizeof c, "%x\r\n%s\r\n%s", l, d, last ? "0\r\n\r\n" : "");
      bcat(&s->ev[i], c, k); s->ev[i].ts = strchr(s->ev[i].p, '@') - s->ev[i].p;
      bcat(&s->whole, c, k);
    }
  } else {
    if (!s->unary) { s->unary = 1; s->size = 1024; }
    Buf b = {0}; char t[900];
    int l = s->oai ? snprintf(t, sizeof t, "{\"id\":\"chatcmpl-mock\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"gpt-mock\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"")
                   : snprintf(t, sizeof t, "{\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"");
    bcat(&b, t, l);
    const char *tail = s->oai ? "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":100,\"completion_tokens\":300,\"total_tokens\":400}}\n"
      : "\"}],\"role\": \"model\"},\"finishReason\": \"STOP\",\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 100,\"candidatesTokenCount\": 300,\"totalTokenCount\": 400,\"promptTokensDetails\": [{\"modality\": \"TEXT\",\"tokenCount\": 100}]},\"modelVersion\": \"gemini-2.5-flash\",\"responseId\": \"mock-response-id\"}\n";
    while ((long)(b.n + strlen(tail)) < s->size) { long room = s->size - b.n - strlen(tail); size_t ll = strlen(LOREM); bcat(&b, LOREM, room < (long)ll ? (size_t)room : ll); }
    bcat(&b, tail, strlen(tail));
    l = snprintf(t, sizeof t, "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\nVary: Origin, X-Origin, Referer\r\nServer: scaffolding on HTTPServer2\r\nX-Content-Type-Options: nosniff\r\nServer-Timing: gfet4t7; dur=123\r\nContent-Length: %zu\r\n\r\n", b.n);
    bcat(&s->whole, t, l); bcat(&s->whole, b.p, b.n); free(b.p);
  }
  return scns[nscn++] = s;
}

enum { S_HEAD, S_CL, S_CHUNKED, S_RESP };
enum { A_NONE, A_START, A_EVENT, A_READ };
#define INSZ 16384
typedef struct Srv { int kind, fd, st, act, dead, want_out; size_t inlen; u64 left; Chunked cd; Scn *scn; int evi;
  char *pend; size_t pendn, pendo; u64 due; struct Srv *qn; char in[INSZ]; } Srv;
typedef struct { int ms; Srv *h, *t; } Q; static Q qs[32]; static int nq;
static u64 srv_reqs, srv_open, srv_body;

static void q_push(Srv *c, int ms, int act) {
  int i; for (i = 0; i < nq && qs[i].ms != ms; i++); if (i == nq) { if (nq == 32) { fprintf(stderr, "too many intervals\n"); exit(1); } qs[nq++].ms = ms; }
  c->act = act; c->due = now_ns() + (u64)ms * 1000000; c->qn = NULL; if (qs[i].t) qs[i].t->qn = c; else qs[i].h = c; qs[i].t = c;
}
static void ep_set(int op, int fd, uint32_t ev, void *p) { struct epoll_event e = {.events = ev, .data.ptr = p}; if (epoll_ctl(ep, op, fd, &e) && op != EPOLL_CTL_DEL) die("epoll_ctl"); }
static void srv_close(Srv *c) { if (c->dead) return; close(c->fd); srv_open--; free(c->pend); c->pend = NULL; c->dead = 1; if (c->act == A_NONE) { /* freed at end of loop */ } }
static Srv *grave; /* connections closed in this loop turn and not in a queue */
static void srv_kill(Srv *c) { if (!c->dead) { srv_close(c); if (c->act == A_NONE) { c->qn = grave; grave = c; } } }
static int srv_send(Srv *c, const char *p, size_t n) { /* 0 ok (maybe pending), -1 closed */
  size_t o = 0;
  if (!c->pendn) while (o < n) { ssize_t w = send(c->fd, p + o, n - o, MSG_NOSIGNAL); if (w < 0) { if (errno == EAGAIN) break; if (errno == EINTR) continue; srv_kill(c); return -1; } o += w; }
  if (o < n) { c->pend = realloc(c->pend, c->pendn + n - o); memcpy(c->pend + c->pendn, p + o, n - o); c->pendn += n - o;
    if (!c->want_out) { c->want_out = 1; ep_set(EPOLL_CTL_MOD, c->fd, EPOLLIN | EPOLLOUT, c); } }
  return 0;
}
static void srv_parse(Srv *c);
static void srv_done(Srv *c) { c->st = S_HEAD; srv_reqs++; if (c->inlen) srv_parse(c); }
static void srv_event(Srv *c) {
  Scn *s = c->scn; Buf *e = &s->ev[c->evi++];
  if (c->evi == 1) { char t[2600]; memcpy(t, s->head.p, s->head.n); memcpy(t + s->head.n, e->p, e->n); put_ts(t + s->head.n + e->ts, now_ns()); if (srv_send(c, t, s->head.n + e->n)) return; }
  else { put_ts(e->p + e->ts, now_ns()); if (srv_send(c, e->p, e->n)) return; }
  if (c->evi == s->n) srv_done(c); else if (s->paced) q_push(c, s->paced, A_EVENT);
}
static void srv_start(Srv *c) {
  Scn *s = c->scn;
  if (s->n && (s->paced || s->xw)) { c->evi = 0; if (s->paced) { srv_event(c); return; } while (!c->dead && c->st == S_RESP && c->evi < s->n) { int i = c->evi; srv_event(c); if (i == s->n - 1) break; } return; }
  if (!srv_send(c, s->whole.p, s->whole.n)) srv_done(c);
}
static void srv_respond(Srv *c) { c->st = S_RESP; if (c->scn->delay) q_push(c, c->scn->delay, A_START); else srv_start(c); }
static void eat(Srv *c, size_t n) { memmove(c->in, c->in + n, c->inlen - n); c->inlen -= n; }
static void srv_pick(Srv *c, const char *p, size_t n, const char *path, size_t pl) {
  int oai = memmem(path, pl, "/chat/completions", 17) != NULL; const char *m = memmem(p, n, "mock-", 5);
  if (m) { m += 5; size_t l = 0; while (m + l < p + n && islower((unsigned char)m[l]) | isdigit((unsigned char)m[l])) l++; c->scn = scn_get(m, l, oai); } else c->scn = scn_get("u1k", 3, oai);
}
static void srv_parse(Srv *c) {
  while (!c->dead && c->inlen && c->st != S_RESP) {
    if (c->st == S_HEAD) {
      char *e = memmem(c->in, c->inlen, "\r\n\r\n", 4); if (!e) { if (c->inlen == INSZ) srv_kill(c); return; }
      size_t hl = e + 4 - c->in, vl; char *nl = memchr(c->in, '\r', hl); size_t pl = nl - c->in; const char *v;
      int inpath = memmem(c->in, pl, "mock-", 5) != NULL; v = hdr(c->in, hl, "expect:", &vl);
      if (v) send(c->fd, "HTTP/1.1 100 Continue\r\n\r\n", 25, MSG_NOSIGNAL);
      const char *cl = hdr(c->in, hl, "content-length:", &vl); const char *te = hdr(c->in, hl, "transfer-encoding:", &vl);
      u64 len = cl ? strtoull(cl, NULL, 10) : 0;
      if (!inpath && (te || len) && c->inlen == hl) return; /* need the first body bytes to choose */
      if (inpath) srv_pick(c, c->in, pl, c->in, pl); else srv_pick(c, c->in + hl, c->inlen - hl, c->in, pl);
      eat(c, hl);
      if (te) { c->st = S_CHUNKED; memset(&c->cd, 0, sizeof c->cd); } else { c->st = S_CL; c->left = len; }
    }
    if (c->st == S_CL) { size_t t = c->inlen < c->left ? c->inlen : (size_t)c->left; eat(c, t); c->left -= t; srv_body += t; if (!c->left) srv_respond(c); }
    else if (c->st == S_CHUNKED) { size_t t = chunk_feed(&c->cd, c->in, c->inlen); srv_body += t; eat(c, t); if (c->cd.done) srv_respond(c); }
  }
}
static char sink[1 << 20];
static void srv_in(Srv *c) {
  if (c->st == S_CL && !c->inlen && c->left) { /* big body: throw it away in the kernel */
    size_t cap = c->scn->rate ? (size_t)c->scn->rate * 10000 : 1 << 20; size_t want = c->left < cap ? (size_t)c->left : cap;
    ssize_t r = recv(c->fd, sink, want < sizeof sink ? want : sizeof sink, MSG_TRUNC);
    if (r == 0 || (r < 0 && errno != EAGAIN)) { srv_kill(c); return; } if (r < 0) return;
    c->left -= r; srv_body += r; if (!c->left) srv_respond(c); else if (c->scn->rate) { ep_set(EPOLL_CTL_MOD, c->fd, 0, c); q_push(c, 10, A_READ); }
    return;
  }
  if (c->st == S_CHUNKED && !c->inlen) {
    ssize_t r = recv(c->fd, sink, 1 << 18, 0);
    if (r == 0 || (r < 0 && errno != EAGAIN)) { srv_kill(c); return; } if (r < 0) return;
    size_t t = chunk_feed(&c->cd, sink, r); srv_body += t; if (c->cd.done) { if ((size_t)r - t <= INSZ) { c->inlen = r - t; memcpy(c->in, sink + t, c->inlen); } srv_respond(c); }
    return;
  }
  if (c->inlen == INSZ) return;
  ssize_t r = recv(c->fd, c->in + c->inlen, INSZ - c->inlen, 0);
  if (r == 0 || (r < 0 && errno != EAGAIN)) { srv_kill(c); return; }
  if (r > 0) { c->inlen += r; srv_parse(c); }
}
static void srv_out(Srv *c) {
  while (c->pendn > c->pendo) { ssize_t w = send(c->fd, c->pend + c->pendo, c->pendn - c->pendo, MSG_NOSIGNAL); if (w < 0) { if (errno == EAGAIN) return; srv_kill(c); return; } c->pendo += w; }
  c->pendn = c->pendo = 0; c->want_out = 0; ep_set(EPOLL_CTL_MOD, c->fd, EPOLLIN, c);
}
static int nodelay(int fd) { int one = 1; return setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one); }
static int listen_kind = K_LISTEN, listen_fd = -1;
static void mock_listen(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1; setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one); setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one);
  struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(fd, (void *)&a, sizeof a) || listen(fd, 4096)) die("mock listen"); listen_fd = fd; ep_set(EPOLL_CTL_ADD, fd, EPOLLIN, &listen_kind);
}
static void mock_accept(void) {
  for (int i = 0; i < 64; i++) { int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK); if (fd < 0) return; nodelay(fd); srv_open++;
    Srv *c = malloc(sizeof *c); memset(c, 0, offsetof(Srv, in)); c->kind = K_SRV; c->fd = fd; ep_set(EPOLL_CTL_ADD, fd, EPOLLIN, c); }
}
static u64 mock_timers(u64 now) { /* run due timers; returns the next due time or 0 */
  u64 next = 0;
  for (int i = 0; i < nq; i++) {
    while (qs[i].h && qs[i].h->due <= now) { Srv *c = qs[i].h; qs[i].h = c->qn; if (!qs[i].h) qs[i].t = NULL; int act = c->act; c->act = A_NONE;
      if (c->dead) { free(c); continue; }
      if (act == A_START) srv_start(c); else if (act == A_EVENT) srv_event(c); else if (act == A_READ) ep_set(EPOLL_CTL_MOD, c->fd, EPOLLIN | (c->want_out ? EPOLLOUT : 0), c); }
    if (qs[i].h && (!next || qs[i].h->due < next)) next = qs[i].h->due;
  }
  return next;
}
static void mock_bury(void) { while (grave) { Srv *c = grave; grave = c->qn; free(c); } }

/* ================================================================ load generator */
enum { C_CONNECTING, C_IDLE, C_BUSY };
typedef struct Cli { int kind, fd, st, rst, status, keep, headlen, want_out, evs, paused; size_t sendo; u64 left; Chunked cd; u64 t_sched, t_first, t_ev1; struct Cli *next; char head[8192]; } Cli;
static struct sockaddr_in target; static Buf req; static int expect = 200, maxconn = 0, read_rate = 0; static double rate = 0; static int hold = 0, poisson = 0;
static Cli *idle; static int nconn, nbusy, nconnecting; static u64 backlog_max;
static u64 *blq; static size_t blh, blt, blcap; /* backlog: due times of requests with no free connection */
static int measuring; static u64 done_n, err_n, body_bytes, ev_n, conn_err, total_done, opened; static Hist h_lat, h_ttfb, h_tt1, h_ev, h_first; static int bad_status = -1;
static Cli *cgrave; static u64 hold_first;
typedef struct { Cli *c; u64 due; } Pause; static Pause pauses[4096]; static int npause;

static void cli_send(Cli *c);
static void bl_push(u64 t) { if (blt - blh == blcap) { size_t nc = blcap ? blcap * 2 : 1024; u64 *n = malloc(nc * 8); for (size_t i = 0; i < blcap; i++) n[i] = blq[(blh + i) % blcap]; free(blq); blq = n; blt = blt - blh; blh = 0; blcap = nc; } blq[blt++ % blcap] = t; if (blt - blh > backlog_max) backlog_max = blt - blh; }
static void cli_fire(Cli *c, u64 sched) { c->st = C_BUSY; nbusy++; c->t_sched = sched; c->sendo = 0; c->rst = 0; c->headlen = 0; c->t_first = c->t_ev1 = 0; c->evs = 0; c->status = 0; cli_send(c); }
static void cli_open(u64 sched) { /* opens a connection that fires as soon as it is up */
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0); if (fd < 0) die("socket"); nodelay(fd);
  if (read_rate) { int b = 65536; setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &b, sizeof b); }
  Cli *c = malloc(sizeof *c); memset(c, 0, offsetof(Cli, head)); c->kind = K_CLI; c->fd = fd; c->t_sched = sched; c->st = C_CONNECTING; nconn++; nconnecting++; opened++;
  if (connect(fd, (void *)&target, sizeof target) && errno != EINPROGRESS) die("connect"); c->want_out = 1; ep_set(EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT, c);
}
static void cli_close(Cli *c) { close(c->fd); nconn--; if (c->st == C_BUSY) nbusy--; if (c->st == C_CONNECTING) nconnecting--; c->fd = -1; c->next = cgrave; cgrave = c; }
static int stopping;
static void cli_next(Cli *c) { /* the connection is free (or NULL: one was lost) */
  if (stopping || hold) { if (c) { c->st = C_IDLE; c->next = idle; idle = c; } return; }
  u64 t;
  if (rate > 0) { if (blt == blh) { if (c) { c->st = C_IDLE; c->next = idle; idle = c; } return; } t = blq[blh++ % blcap]; } else t = now_ns();
  if (c) cli_fire(c, t); else if (nconn < maxconn) cli_open(t); else if (rate > 0) { blh--; }
}
static void cli_fail(Cli *c) { if (c->st == C_CONNECTING) { conn_err++; } if (measuring) { err_n++; bad_status = 0; } int was = c->st; cli_close(c); if (was != C_IDLE) { if (conn_err > 1000) { fprintf(stderr, "too many connect errors\n"); exit(3); } cli_next(NULL); } }
static void cli_done(Cli *c) {
  u64 t = now_ns(); total_done++; int full = c->sendo >= req.n;
  if (measuring) { if (c->status != expect) { err_n++; bad_status = c->status; } else { done_n++; h_add(&h_lat, t - c->t_sched); h_add(&h_ttfb, c->t_first - c->t_sched); if (c->t_ev1) h_add(&h_tt1, c->t_ev1 - c->t_sched); } }
  nbusy--; c->st = C_IDLE;
  if (c->keep && full) cli_next(c); else { cli_close(c); cli_next(NULL); }
}
static void cli_send(Cli *c) {
  while (c->sendo < req.n) { ssize_t w = send(c->fd, req.p + c->sendo, req.n - c->sendo, MSG_NOSIGNAL);
    if (w < 0) { if (errno == EAGAIN) { if (!c->want_out) { c->want_out = 1; ep_set(EPOLL_CTL_MOD, c->fd, EPOLLIN | EPOLLOUT, c); } return; } if (errno == EPIPE || errno == ECONNRESET) { c->sendo = req.n; break; } cli_fail(c); return; } c->sendo += w; }
  if (c->want_out) { c->want_out = 0; ep_set(EPOLL_CTL_MOD, c->fd, EPOLLIN, c); }
}
static void scan_events(Cli *c, const char *p, size_t n, u64 t) {
  const char *e = p + n;
  while ((p = memchr(p, '@', e - p))) { if (e - p < TS) return; u64 v = 0; int i; for (i = 1; i < TS && p[i] >= '0' && p[i] <= '9'; i++) v = v * 10 + p[i] - '0'; p++;
    if (i == TS) { if (!c->t_ev1) { c->t_ev1 = t; hold_first++; if (measuring && v && v < t) h_add(&h_first, t - v); } c->evs++; if (measuring) { ev_n++; if (v && v < t) h_add(&h_ev, t - v); } } }
}
static void cli_data(Cli *c, const char *p, size_t n) {
  u64 t = now_ns(); if (!c->t_first) c->t_first = t;
  if (c->rst == 0) {
    size_t room = sizeof c->head - c->headlen, take = n < room ? n : room; memcpy(c->head + c->headlen, p, take); int before = c->headlen; c->headlen += take;
    char *e = memmem(c->head, c->headlen, "\r\n\r\n", 4); if (!e) { if (c->headlen == sizeof c->head) cli_fail(c); return; }
    size_t hl = e + 4 - c->head, vl; c->status = atoi(c->head + 9);
    if (c->status == 100) { c->headlen = 0; c->t_first = 0; size_t used = hl - before; if (used < n) cli_data(c, p + used, n - used); return; }
    const char *v = hdr(c->head, hl, "connection:", &vl); c->keep = !(v && vl >= 5 && !strncasecmp(v, "close", 5));
    p += hl - before; n -= hl - before;
    if (hdr(c->head, hl, "transfer-encoding:", &vl)) { c->rst = 2; memset(&c->cd, 0, sizeof c->cd); }
    else if ((v = hdr(c->head, hl, "content-length:", &vl))) { c->rst = 1; c->left = strtoull(v, NULL, 10); if (!c->left) { cli_done(c); return; } }
    else { c->rst = 3; c->keep = 0; }
  }
  if (!n) return;
  if (measuring) body_bytes += n;
  if (c->rst == 1) { c->left -= n < c->left ? n : c->left; if (!c->left) cli_done(c); }
  else { scan_events(c, p, n, t); if (c->rst == 2) { chunk_feed(&c->cd, p, n); if (c->cd.done) cli_done(c); } }
}
static void cli_in(Cli *c) {
  ssize_t r;
  if (read_rate) { size_t cap = (size_t)read_rate * 10000; r = recv(c->fd, sink, cap < sizeof sink ? cap : sizeof sink, 0); }
  else if (c->rst == 1 && c->left > 65536) { r = recv(c->fd, sink, c->left < sizeof sink ? c->left : sizeof sink, MSG_TRUNC); if (r > 0) { c->left -= r; if (measuring) body_bytes += r; if (!c->left) cli_done(c); return; } }
  else r = recv(c->fd, sink, 1 << 17, 0);
  if (r < 0) { if (errno == EAGAIN) return; cli_fail(c); return; }
  if (r == 0) { if (c->st == C_BUSY && c->rst == 3) { cli_done(c); return; } if (c->st == C_IDLE) { Cli **pp = &idle; while (*pp && *pp != c) pp = &(*pp)->next; if (*pp) *pp = c->next; cli_close(c); return; } cli_fail(c); return; }
  if (read_rate && npause < 4096) { pauses[npause++] = (Pause){c, now_ns() + 10000000}; c->paused = 1; ep_set(EPOLL_CTL_MOD, c->fd, 0, c); }
  cli_data(c, sink, r);
}

/* ---------------------------------------------------------------- process accounting */
static int pids[64], npids; static long hwm_reset = 1;
static u64 pid_cpu(int pid) {
  char p[64]; snprintf(p, sizeof p, "/proc/%d/task", pid); DIR *d = opendir(p); if (!d) return 0; u64 s = 0; struct dirent *e;
  while ((e = readdir(d))) if (e->d_name[0] != '.') { char f[400], b[128]; snprintf(f, sizeof f, "%s/%s/schedstat", p, e->d_name); int fd = open(f, O_RDONLY); if (fd < 0) continue; ssize_t n = read(fd, b, 127); close(fd); if (n > 0) { b[n] = 0; s += strtoull(b, NULL, 10); } }
  closedir(d); return s;
}
static u64 cpu_all(void) { u64 s = 0; for (int i = 0; i < npids; i++) s += pid_cpu(pids[i]); return s; }
static long pid_mem(int pid, const char *key) { char p[64], l[256]; snprintf(p, sizeof p, "/proc/%d/status", pid); FILE *f = fopen(p, "r"); long v = 0; if (!f) return 0; while (fgets(l, sizeof l, f)) if (!strncmp(l, key, strlen(key))) v = atol(l + strlen(key)); fclose(f); return v; }
static long mem_all(const char *k) { long s = 0; for (int i = 0; i < npids; i++) s += pid_mem(pids[i], k); return s; }
typedef struct { u64 busy, steal, total; } CpuT;
static void cpu_stat(CpuT *o) { FILE *f = fopen("/proc/stat", "r"); char l[512]; memset(o, 0, sizeof(CpuT) * 2); while (f && fgets(l, sizeof l, f)) { int n; u64 a[8]; if (sscanf(l, "cpu%d %lu %lu %lu %lu %lu %lu %lu %lu", &n, a, a + 1, a + 2, a + 3, a + 4, a + 5, a + 6, a + 7) == 9 && n < 2) { for (int i = 0; i < 8; i++) o[n].total += a[i]; o[n].busy = o[n].total - a[3] - a[4] - a[7]; o[n].steal = a[7]; } } if (f) fclose(f); }

static void make_body(Buf *b, long size, const char *kind, const char *oai) {
  char pre[400]; const char *post; 
  if (oai) { snprintf(pre, sizeof pre, "{\"model\":\"%s\",\"stream\":%s,\"messages\":[{\"role\":\"system\",\"content\":\"You are helpful.\"},{\"role\":\"user\",\"content\":\"", oai, strstr(oai, "sse") ? "true" : "false"); post = "\"}],\"temperature\":0.7}"; }
  else if (!strcmp(kind, "b64")) { strcpy(pre, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"What is this?\"},{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\""); post = "\"}}]}],\"generationConfig\":{\"temperature\":0.7}}"; }
  else { strcpy(pre, "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\""); post = "\"}]}],\"generationConfig\":{\"temperature\":0.7}}"; }
  bcat(b, pre, strlen(pre)); const char *esc = "He said \\\"hello\\\" and then:\\n\\tprintf(\\\"%d\\\\n\\\", x);\\n", *fill = !strcmp(kind, "esc") ? esc : LOREM; unsigned x = 12345; size_t fl = strlen(fill), pl = strlen(post);
  while ((long)(b->n + pl) < size) { size_t room = size - b->n - pl; if (!strcmp(kind, "b64") && !oai) { char t[4096]; size_t m = room < sizeof t ? room : sizeof t; for (size_t i = 0; i < m; i++) { x = x * 1664525 + 1013904223; t[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[x >> 26]; } bcat(b, t, m); } else if (room >= fl) bcat(b, fill, fl); else { char t[128]; memset(t, ' ', sizeof t); bcat(b, t, room < 128 ? room : 128); } }
  bcat(b, post, pl);
}

static u64 c1, me1; static CpuT s1[2]; static long rss1, hwm1;
static void snap(void) { c1 = cpu_all(); struct timespec m; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &m); me1 = (u64)m.tv_sec * 1000000000ull + m.tv_nsec; cpu_stat(s1); rss1 = mem_all("VmRSS:"); hwm1 = mem_all("VmHWM:"); }

int main(int argc, char **argv) {
  if (argc < 2 || (strcmp(argv[1], "serve") && strcmp(argv[1], "load"))) { fprintf(stderr, "usage: gwbench serve|load ... (see the head of gwbench.c)\n"); return 2; }
  int is_load = !strcmp(argv[1], "load"), port = is_load ? 0 : 9000; const char *tgt = NULL, *path = "/v1beta/models/mock-u1k:generateContent", *method = "POST", *kind = "text", *oai = NULL, *bfile = NULL; long bsize = 1024; double dur = 5, warm = 1; Buf hs = {0}; 
  for (int i = 2; i < argc; i++) { 
#define OPT(n) (!strcmp(argv[i], n) && i + 1 < argc && ++i)
    if (OPT("--port") || OPT("--serve")) port = atoi(argv[i]); else if (OPT("--target")) tgt = argv[i]; else if (OPT("--path")) path = argv[i]; else if (OPT("--method")) method = argv[i];
    else if (OPT("--conns")) maxconn = atoi(argv[i]); else if (OPT("--rate")) rate = atof(argv[i]); else if (!strcmp(argv[i], "--poisson")) poisson = 1; else if (OPT("--duration")) dur = atof(argv[i]); else if (OPT("--warmup")) warm = atof(argv[i]);
    else if (OPT("--hold")) hold = atoi(argv[i]); else if (OPT("--body-size")) bsize = atol(argv[i]); else if (OPT("--body-kind")) kind = argv[i]; else if (OPT("--oai-model")) oai = argv[i]; else if (OPT("--body-file")) bfile = argv[i];
    else if (OPT("-H")) { bcat(&hs, argv[i], strlen(argv[i])); bcat(&hs, "\r\n", 2); } else if (OPT("--pid")) { if (npids < 64) pids[npids++] = atoi(argv[i]); } else if (OPT("--read-rate")) read_rate = atoi(argv[i]); else if (OPT("--expect")) expect = atoi(argv[i]);
    else { fprintf(stderr, "unknown option %s\n", argv[i]); return 2; } }
  signal(SIGPIPE, SIG_IGN); prctl(PR_SET_TIMERSLACK, 1UL); struct rlimit rl = {1 << 20, 1 << 20}; if (setrlimit(RLIMIT_NOFILE, &rl)) { getrlimit(RLIMIT_NOFILE, &rl); rl.rlim_cur = rl.rlim_max; setrlimit(RLIMIT_NOFILE, &rl); }
  ep = epoll_create1(0); if (port) mock_listen(port);
  if (is_load) {
    char host[64] = "127.0.0.1"; int tp = 80; if (!tgt || sscanf(tgt, "%63[^:]:%d", host, &tp) != 2) { fprintf(stderr, "--target HOST:PORT\n"); return 2; }
    target = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(tp)}; inet_pton(AF_INET, host, &target.sin_addr); if (!maxconn) maxconn = rate > 0 ? 1024 : 16;
    Buf body = {0}; if (bfile) { FILE *f = fopen(bfile, "r"); char t[65536]; size_t n; if (!f) die(bfile); while ((n = fread(t, 1, sizeof t, f))) bcat(&body, t, n); fclose(f); } else if (bsize > 0) make_body(&body, bsize, kind, oai);
    char h[1024]; int n = snprintf(h, sizeof h, "%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: gwbench\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n", method, path, tgt, body.n); bcat(&req, h, n); if (hs.n) bcat(&req, hs.p, hs.n); bcat(&req, "\r\n", 2); if (body.n) bcat(&req, body.p, body.n);
  }
  u64 t0 = now_ns(), next_arr = t0, t_m0 = 0, t_m1 = 0, ramp_next = t0, ramp = 0, held_at = 0; u64 c0 = 0, me0 = 0; CpuT s0[2]; long rss0 = 0; int established = 0; u64 first_at_hold = 0; double connect_s = 0;
  if (is_load) { rss0 = mem_all("VmRSS:"); if (!hold && rate <= 0) for (int i = 0; i < maxconn && i < 256; i++, ramp++) cli_open(now_ns()); }
  struct epoll_event evs[512]; u64 interval = rate > 0 ? (u64)(1e9 / rate) : 0; unsigned short xs[3] = {1, 2, 3};
  for (;;) {
    u64 now = now_ns(), next = mock_timers(now);
    if (is_load) {
      if (npause) { int k = 0; for (int i = 0; i < npause; i++) if (pauses[i].due <= now) { if (pauses[i].c->fd >= 0) { pauses[i].c->paused = 0; ep_set(EPOLL_CTL_MOD, pauses[i].c->fd, EPOLLIN | (pauses[i].c->want_out ? EPOLLOUT : 0), pauses[i].c); } } else { if (!next || pauses[i].due < next) next = pauses[i].due; pauses[k++] = pauses[i]; } npause = k; }
      if (hold) {
        if (!established) { if (ramp < (u64)maxconn) { if (now >= ramp_next && nconnecting < 128) { for (int i = 0; i < 64 && ramp < (u64)maxconn; i++, ramp++) cli_open(now); ramp_next = now + 4000000; } if (!next || ramp_next < next) next = ramp_next > now ? ramp_next : now + 1000000; }
          if ((ramp >= (u64)maxconn && hold_first >= (u64)maxconn) || now - t0 > 30000000000ull) { established = 1; first_at_hold = hold_first; connect_s = (now - t0) / 1e9; held_at = now; measuring = 1; t_m0 = now; c0 = cpu_all(); struct timespec ts; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts); me0 = (u64)ts.tv_sec * 1000000000ull + ts.tv_nsec; cpu_stat(s0); } else if (!next || now + 50000000 < next) next = now + 50000000; }
        else { u64 end = held_at + (u64)hold * 1000000000ull; if (now >= end) { t_m1 = now; snap(); break; } if (!next || end < next) next = end; }
      } else {
        if (rate <= 0 && !stopping && ramp < (u64)maxconn && nconnecting < 128) for (int i = 0; i < 128 && ramp < (u64)maxconn; i++, ramp++) cli_open(now);
        if (rate > 0 && !stopping) { while (next_arr <= now) { u64 due = next_arr; next_arr += poisson ? (u64)(-log(1 - erand48(xs)) * 1e9 / rate) : interval; if (idle) { Cli *c = idle; idle = c->next; cli_fire(c, due); } else if (nconn < maxconn) cli_open(due); else bl_push(due); } if (!next || next_arr < next) next = next_arr; }
        if (!measuring && !stopping && now - t0 >= (u64)(warm * 1e9)) { measuring = 1; t_m0 = now; c0 = cpu_all(); struct timespec ts; clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts); me0 = (u64)ts.tv_sec * 1000000000ull + ts.tv_nsec; cpu_stat(s0); for (int i = 0; i < npids; i++) { char p[64]; snprintf(p, sizeof p, "/proc/%d/clear_refs", pids[i]); int fd = open(p, O_WRONLY); if (fd >= 0) { if (write(fd, "5", 1) < 0) hwm_reset = 0; close(fd); } } }
        u64 end = t0 + (u64)((warm + dur) * 1e9), tm = measuring ? end : t0 + (u64)(warm * 1e9); if (now >= end && !t_m1) { t_m1 = now; snap(); stopping = 1; measuring = 0; } if (t_m1 && (!nbusy || now > t_m1 + 3000000000ull)) break; if (t_m1 && (!next || now + 20000000 < next)) next = now + 20000000; if (!t_m1 && (!next || tm < next)) next = tm;
      }
    }
    struct timespec ts, *tp = NULL; if (next) { u64 n2 = now_ns(); u64 d = next > n2 ? next - n2 : 0; ts.tv_sec = d / 1000000000ull; ts.tv_nsec = d % 1000000000ull; tp = &ts; }
    int n = epoll_pwait2(ep, evs, 512, tp, NULL); if (n < 0 && errno != EINTR) die("epoll");
    for (int i = 0; i < n; i++) { int *k = evs[i].data.ptr; uint32_t e = evs[i].events;
      if (*k == K_LISTEN) mock_accept();
      else if (*k == K_SRV) { Srv *c = (void *)k; if (c->dead) continue; if (e & EPOLLOUT) srv_out(c); if (!c->dead && (e & (EPOLLIN | EPOLLHUP | EPOLLERR))) { if (e & (EPOLLHUP | EPOLLERR) && !(e & EPOLLIN)) srv_kill(c); else srv_in(c); } }
      else { Cli *c = (void *)k; if (c->fd < 0) continue;
        if (c->st == C_CONNECTING) { int er = 0; socklen_t l = sizeof er; getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &er, &l); if (er) { cli_fail(c); continue; } if (e & EPOLLOUT) { nconnecting--; c->want_out = 0; ep_set(EPOLL_CTL_MOD, c->fd, EPOLLIN, c); cli_fire(c, c->t_sched); } continue; }
        if (e & EPOLLOUT && c->st == C_BUSY) cli_send(c);
        if (c->fd >= 0 && (e & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !c->paused) cli_in(c); } }
    mock_bury(); while (cgrave) { Cli *c = cgrave; cgrave = c->next; for (int i = 0; i < npause; i++) if (pauses[i].c == c) pauses[i--] = pauses[--npause]; free(c); }
  }
  double el = (t_m1 - t_m0) / 1e9; u64 nreq = done_n ? done_n : 1;
  printf("{\"rps\":%.1f,\"done\":%" PRIu64 ",\"errors\":%" PRIu64 ",\"secs\":%.2f,\"conns\":%d,\"backlog_max\":%" PRIu64 ",\"busy_end\":%d,\"body_MB\":%.1f,\"events\":%" PRIu64 ",\"ev_per_s\":%.1f", done_n / el, done_n, err_n, el, nconn, backlog_max, nbusy, body_bytes / 1048576.0, ev_n, ev_n / el);
  printf(",\"cpu_us\":%.2f,\"cpu_util\":%.3f,\"gen_util\":%.3f", (c1 - c0) / 1e3 / nreq, (c1 - c0) / 1e9 / el, (me1 - me0) / 1e9 / el);
  for (int i = 0; i < 2; i++) { double t = s1[i].total - s0[i].total; if (t < 1) t = 1; printf(",\"core%d\":{\"busy\":%.3f,\"steal\":%.3f}", i, (s1[i].busy - s0[i].busy) / t, (s1[i].steal - s0[i].steal) / t); }
  printf(",\"rss0_MB\":%.1f,\"rss_MB\":%.1f,\"hwm_MB\":%.1f", rss0 / 1024.0, rss1 / 1024.0, hwm1 / 1024.0);
  if (hold) printf(",\"held\":%" PRIu64 ",\"connect_s\":%.2f,\"hold_cpu_ms_per_s\":%.2f", first_at_hold, connect_s, (c1 - c0) / 1e6 / el);
  h_json("lat", &h_lat); h_json("ttfb", &h_ttfb); h_json("ev1", &h_tt1); h_json("ev", &h_ev); h_json("first", &h_first); printf(",\"bad_status\":%d}\n", bad_status);
  return 0;
}
