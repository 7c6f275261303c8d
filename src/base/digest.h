/* SHA-256 and MD5 by the system's cryptographic library. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

/* Lower-case hex with a NUL. */
void digest_sha256(const void *data, size_t size, char out_hex[65]);
void digest_md5(const void *data, size_t size, char out_hex[33]);

/* Incremental SHA-256; NULL from _new when memory is out. */
struct digest;
struct digest *digest_new(void);
void digest_update(struct digest *digest, const void *data, size_t size);
/* Writes the result and frees the digest. */
void digest_finish(struct digest *digest, char out_hex[65]);
void digest_free(struct digest *digest);

#endif
