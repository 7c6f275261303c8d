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

struct md5 {
    EVP_MD *kind; /* looked up once: each look-up takes longer than a short text's digest */
    EVP_MD_CTX *context;
};

struct md5 *md5_new(void)
{
    struct md5 *md5 = calloc(1, sizeof *md5);
    if (!md5)
        return NULL;
    md5->kind = EVP_MD_fetch(NULL, "MD5", NULL);
    md5->context = EVP_MD_CTX_new();
    if (md5->kind && md5->context)
        return md5;
    md5_free(md5);
    return NULL;
}

void md5_hex(struct md5 *md5, const void *data, size_t size, char out_hex[33])
{
    unsigned char bytes[16] = {0};
    EVP_DigestInit_ex2(md5->context, md5->kind, NULL);
    EVP_DigestUpdate(md5->context, data, size);
    EVP_DigestFinal_ex(md5->context, bytes, NULL);
    to_hex(bytes, sizeof bytes, out_hex);
}

void md5_free(struct md5 *md5)
{
    if (!md5)
        return;
    EVP_MD_CTX_free(md5->context);
    EVP_MD_free(md5->kind);
    free(md5);
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
