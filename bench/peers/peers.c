// libjwt (WITH_LIBJWT) or cjose (WITH_CJOSE) of Debian: see README.md.
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *issuer = "https://auth.example";
static const char *audience = "api";

static void expect(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "%s\n", what);
  exit(1);
}

struct material {
  const char *algorithm;
  const char *token;
  const unsigned char *public_key;
  int public_size;
  const unsigned char *private_key;
  int private_size;
  const char *jwk;  // private, for cjose
};

#ifdef WITH_LIBJWT
#include <jwt.h>

static const char *peer = "libjwt";
static jwt_alg_t algorithm_of(const struct material *m) { return jwt_str_alg(m->algorithm); }
static int supported(const struct material *m) { return algorithm_of(m) != JWT_ALG_INVAL; }

// The library takes the key as text, and parses it each time.
static void verify(const struct material *m) {
  jwt_t *jwt = NULL;
  expect(jwt_decode(&jwt, m->token, m->public_key, m->public_size) == 0, "libjwt refuses the token");
  expect(jwt_get_alg(jwt) == algorithm_of(m), "another algorithm");
  const char *iss = jwt_get_grant(jwt, "iss");
  const char *aud = jwt_get_grant(jwt, "aud");
  expect(iss != NULL && strcmp(iss, issuer) == 0 && aud != NULL && strcmp(aud, audience) == 0 &&
             jwt_get_grant_int(jwt, "exp") > time(NULL),
         "the claims");
  jwt_free(jwt);
}

static void sign(const struct material *m) {
  jwt_t *jwt = NULL;
  expect(jwt_new(&jwt) == 0, "jwt_new");
  jwt_add_grant(jwt, "iss", issuer);
  jwt_add_grant(jwt, "sub", "01J9ZB3M6K2Q8W4T5R7Y");
  jwt_add_grant(jwt, "aud", audience);
  jwt_add_grant_int(jwt, "iat", time(NULL));
  jwt_add_grant_int(jwt, "exp", time(NULL) + 3600);
  jwt_add_grant(jwt, "jti", "Zx3kQ9pLm2Vt7Rw8Yb1NcA");
  jwt_add_grant(jwt, "scope", "profile:read profile:write");
  expect(jwt_set_alg(jwt, algorithm_of(m), m->private_key, m->private_size) == 0, "jwt_set_alg");
  char *text = jwt_encode_str(jwt);
  expect(text != NULL, "jwt_encode_str");
  free(text);
  jwt_free(jwt);
}

static void prepare(const struct material *m) { (void)m; }
#else
#include <cjose/cjose.h>

static const char *peer = "cjose";
static cjose_jwk_t *jwk;
static int supported(const struct material *m) { return strcmp(m->algorithm, "EdDSA") != 0; }

static void prepare(const struct material *m) {
  cjose_err err;
  jwk = cjose_jwk_import(m->jwk, strlen(m->jwk), &err);
  expect(jwk != NULL, "cjose refuses the key");
}

static void verify(const struct material *m) {
  cjose_err err;
  cjose_jws_t *jws = cjose_jws_import(m->token, strlen(m->token), &err);
  expect(jws != NULL && cjose_jws_verify(jws, jwk, &err), "cjose refuses the token");
  uint8_t *payload = NULL;
  size_t size = 0;
  expect(cjose_jws_get_plaintext(jws, &payload, &size, &err), "cjose gives no payload");
  json_t *claims = json_loadb((const char *)payload, size, JSON_REJECT_DUPLICATES, NULL);
  expect(claims != NULL && strcmp(json_string_value(json_object_get(claims, "iss")), issuer) == 0 &&
             strcmp(json_string_value(json_object_get(claims, "aud")), audience) == 0 &&
             json_integer_value(json_object_get(claims, "exp")) > time(NULL),
         "the claims");
  json_decref(claims);
  cjose_jws_release(jws);
}

static void sign(const struct material *m) {
  cjose_err err;
  json_t *claims = json_pack("{s:s,s:s,s:s,s:I,s:I,s:s,s:s}", "iss", issuer, "sub", "01J9ZB3M6K2Q8W4T5R7Y", "aud", audience, "iat",
                             (json_int_t)time(NULL), "exp", (json_int_t)time(NULL) + 3600, "jti", "Zx3kQ9pLm2Vt7Rw8Yb1NcA", "scope",
                             "profile:read profile:write");
  char *text = json_dumps(claims, JSON_COMPACT);
  cjose_header_t *header = cjose_header_new(&err);
  expect(cjose_header_set(header, CJOSE_HDR_ALG, m->algorithm, &err), "cjose_header_set");
  cjose_jws_t *jws = cjose_jws_sign(jwk, header, (const uint8_t *)text, strlen(text), &err);
  const char *token = NULL;
  expect(jws != NULL && cjose_jws_export(jws, &token, &err), "cjose does not sign");
  cjose_jws_release(jws);
  cjose_header_release(header);
  free(text);
  json_decref(claims);
}
#endif

static double now_ns(void) {
  struct timespec at;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static int by_size(const void *a, const void *b) { return (*(const double *)a > *(const double *)b) - (*(const double *)a < *(const double *)b); }

static double measure(double seconds, void (*work)(const struct material *), const struct material *m) {
  static double slices[100000];
  size_t count = 0;
  double end = 0;
  for (size_t times = 1; count < sizeof slices / sizeof *slices && (end == 0 || now_ns() < end);) {
    const double begin = now_ns();
    for (size_t i = 0; i < times; ++i) work(m);
    const double took = now_ns() - begin;
    if (end == 0 && took < 20e6) {
      times *= 2;
      continue;
    }
    if (end == 0) end = now_ns() + seconds * 1e9;
    slices[count++] = took / (double)times;
  }
  qsort(slices, count, sizeof *slices, by_size);
  return slices[count / 2];
}

int main(int argc, char **argv) {
  expect(argc == 3, "usage: peers SECONDS VERSION");
  const double seconds = strtod(argv[1], NULL);
  static char line[65536];
  while (fgets(line, sizeof line, stdin) != NULL) {
    json_t *found = json_loads(line, 0, NULL);
    expect(found != NULL, "not JSON");
    const char *octets = json_string_value(json_object_get(found, "secret_hex"));
    const char *public_pem = json_string_value(json_object_get(found, "public_pem"));
    const char *private_pem = json_string_value(json_object_get(found, "private_pem"));
    static unsigned char secret[64];
    int size = 0;
    for (; octets != NULL && octets[2 * size] != '\0'; ++size) {
      unsigned byte = 0;
      expect(sscanf(octets + 2 * size, "%2x", &byte) == 1, "secret_hex");
      secret[size] = (unsigned char)byte;
    }
    const struct material m = {
        .algorithm = json_string_value(json_object_get(found, "algorithm")),
        .token = json_string_value(json_object_get(found, "token")),
        .public_key = octets ? secret : (const unsigned char *)public_pem,
        .public_size = octets ? size : (int)strlen(public_pem),
        .private_key = octets ? secret : (const unsigned char *)private_pem,
        .private_size = octets ? size : (int)strlen(private_pem),
        .jwk = json_string_value(json_object_get(found, "jwk")),
    };
    if (supported(&m)) {
      prepare(&m);
      printf("{\"peer\": \"%s %s\", \"name\": \"verify %s\", \"ns\": %.0f}\n", peer, argv[2], m.algorithm, measure(seconds, verify, &m));
      printf("{\"peer\": \"%s %s\", \"name\": \"sign %s\", \"ns\": %.0f}\n", peer, argv[2], m.algorithm, measure(seconds, sign, &m));
      fflush(stdout);
    }
    json_decref(found);
  }
  return 0;
}
