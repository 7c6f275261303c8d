/* OpenSSL's EVP interface: it uses the processor's SHA instructions where there are some. */
#include "base/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

static void to_hex(const unsigned char *bytes, size_t count, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * count] = '\0';
}

void digest_sha256(const void *data, size_t size, char out_hex[65])
{
    unsigned char bytes[32] = {0};
    EVP_Digest(data, size, bytes, NULL, EVP_sha256(), NULL);
    to_hex(bytes, sizeof bytes, out_hex);
}

void digest_md5(const void *data, size_t size, char out_hex[33])
{
    unsigned char bytes[16] = {0};
    EVP_Digest(data, size, bytes, NULL, EVP_md5(), NULL);
    to_hex(bytes, sizeof bytes, out_hex);
}

struct digest {
    EVP_MD_CTX *context;
};

struct digest *digest_new(void)
{
    struct digest *digest = calloc(1, sizeof *digest);
    if (digest)
        digest->context = EVP_MD_CTX_new();
    if (!digest || !digest->context || !EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL)) {
        digest_free(digest);
        return NULL;
    }
    return digest;
}

void digest_update(struct digest *digest, const void *data, size_t size)
{
    EVP_DigestUpdate(digest->context, data, size);
}

void digest_finish(struct digest *digest, char out_hex[65])
{
    unsigned char bytes[32] = {0};
    EVP_DigestFinal_ex(digest->context, bytes, NULL);
    to_hex(bytes, sizeof bytes, out_hex);
    digest_free(digest);
}

void digest_free(struct digest *digest)
{
    if (!digest)
        return;
    EVP_MD_CTX_free(digest->context);
    free(digest);
}
