/* SHA-256 and MD5 by the system's cryptographic library. */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include <stddef.h>

/* Lower-case hex with a NUL. */
void digest_sha256(const void *data, size_t size, char out_hex[65]);
void digest_md5(const void *data, size_t size, char out_hex[33]);

/* Many short texts: what a digest needs to begin with is set up once. NULL from _new when memory is
 * out. One thread at a time. */
struct md5;
struct md5 *md5_new(void);
void md5_hex(struct md5 *md5, const void *data, size_t size, char out_hex[33]);
void md5_free(struct md5 *md5); /* accepts NULL */

/* Incremental SHA-256; NULL from _new when memory is out. */
struct digest;
struct digest *digest_new(void);
void digest_update(struct digest *digest, const void *data, size_t size);
/* Writes the result and frees the digest. */
void digest_finish(struct digest *digest, char out_hex[65]);
void digest_free(struct digest *digest);

#endif
