// SPDX-License-Identifier: GPL-2.0
/*
 * signet-peer: the core's TLS over a TCP socket, to be set against other implementations.
 *
 * signet-peer client|server --port N --cert CHAIN.pem --key KEY.pem --ca ROOTS.pem
 *   --trust-domain NAME [--cipher aes|chacha] [--group x25519|p256] [--shares N] [--no-alpn]
 *   [--deny] [--send TEXT] [--address A] [--empty N] [--pour]
 *
 * A server listens on A, or 127.0.0.1, says "listening", serves one connection and echoes what it
 * reads. A client goes there, sends TEXT and a newline, and prints one line of answer. Both say what
 * came of the handshake, and end with status 0 when it and a clean close succeeded. A server may be
 * told to do what no good peer does, in the place of its first echo: to send N records of data
 * that are empty, or data without end.
 */
#include "core/tls/tls.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <netinet/in.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ROOTS_MAX 8
#define CONTENT_HANDSHAKE 22
#define CONTENT_ALERT 21
#define CONTENT_DATA 23

struct peer {
	bool server;
	bool deny;
	const char *address;
	const char *send;
	int empty;
	bool pour;
	int fd;
	struct signet_tls_parameters parameters;
	struct signet_tls_credential credential;
	struct signet_certificate roots[ROOTS_MAX];
	struct signet_anchors anchors;
	struct signet_tls_result result;
};

static void die(const char *what)
{
	perror(what);
	exit(2);
}

static size_t load_certificates(const char *path, struct signet_bytes *out, size_t max)
{
	FILE *file = fopen(path, "r");
	size_t count = 0;
	X509 *certificate;

	if (!file)
		die(path);
	while (count < max && (certificate = PEM_read_X509(file, NULL, NULL, NULL))) {
		u8 *der = NULL;

		out[count].len = i2d_X509(certificate, &der);
		out[count++].data = der;
		X509_free(certificate);
	}
	fclose(file);
	return count;
}

static void load_key(struct peer *peer, const char *path)
{
	FILE *file = fopen(path, "r");
	BIGNUM *secret = NULL;
	EVP_PKEY *key;

	if (!file)
		die(path);
	key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
	fclose(file);
	if (!key || !EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret) ||
	    BN_bn2binpad(secret, peer->credential.secret, SIGNET_P256_SCALAR_SIZE) < 0)
		die("private key");
	BN_clear_free(secret);
	EVP_PKEY_free(key);
}

static void load_roots(struct peer *peer, const char *path)
{
	struct signet_bytes der[ROOTS_MAX];
	size_t i;

	peer->anchors.count = load_certificates(path, der, ROOTS_MAX);
	peer->anchors.roots = peer->roots;
	for (i = 0; i < peer->anchors.count; i++) {
		if (signet_certificate_parse(&peer->roots[i], der[i].data, der[i].len) !=
		    SIGNET_X509_OK)
			die("root");
	}
}

static enum signet_tls_alert judge(void *ctx, const struct signet_certificate *leaf)
{
	struct peer *peer = ctx;

	printf("peer %.*s\n", (int)leaf->uri.len, (const char *)leaf->uri.data);
	return peer->deny ? SIGNET_ALERT_ACCESS_DENIED : SIGNET_ALERT_NONE;
}

static bool send_all(int fd, const u8 *data, size_t len)
{
	while (len) {
		ssize_t n = send(fd, data, len, MSG_NOSIGNAL);

		if (n <= 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

static bool receive_all(int fd, u8 *data, size_t len)
{
	while (len) {
		ssize_t n = recv(fd, data, len, 0);

		if (n <= 0)
			return false;
		data += n;
		len -= n;
	}
	return true;
}

static bool flush(struct peer *peer, struct signet_tls *tls)
{
	struct signet_bytes out = signet_tls_output(tls);
	bool sent = send_all(peer->fd, out.data, out.len);

	signet_tls_output_consume(tls, out.len);
	return sent;
}

static bool handshake(struct peer *peer)
{
	const struct signet_tls_config config = {
		.role = peer->server ? SIGNET_TLS_SERVER : SIGNET_TLS_CLIENT,
		.parameters = &peer->parameters,
		.credential = &peer->credential,
		.anchors = &peer->anchors,
		.now = time(NULL),
		.verify = judge,
		.ctx = peer,
	};
	static u8 record[SIGNET_TLS_HEADER_SIZE + SIGNET_TLS_CIPHERTEXT_MAX];
	struct signet_tls *tls = signet_tls_new(&config);
	enum signet_tls_alert alert;
	enum signet_x509_fault x509;
	enum signet_tls_fault fault;
	bool connected = true;
	int len;

	if (!tls)
		die("signet_tls_new");
	while (connected && signet_tls_state(tls) == SIGNET_TLS_NEED_RECORD) {
		connected = flush(peer, tls) && receive_all(peer->fd, record, 5);
		if (!connected)
			break;
		len = signet_tls_record_length(tls, record);
		if (len < 0)
			len = 0;
		connected = receive_all(peer->fd, record + 5, len);
		if (connected)
			signet_tls_input(tls, record, 5 + len);
	}
	flush(peer, tls);
	if (signet_tls_take(tls, &peer->result)) {
		fault = signet_tls_fault(tls, &alert, &x509);
		printf("failed: %s, alert %d: %s\n",
		       connected ? signet_tls_fault_text(fault) : "connection closed", alert,
		       signet_x509_fault_text(x509));
		signet_tls_free(tls);
		return false;
	}
	printf("done cipher %04x group %04x alpn %d\n", peer->result.cipher, peer->result.group,
	       peer->result.signet_alpn);
	signet_tls_free(tls);
	return true;
}

static void next_nonce(struct signet_tls_keys *keys, u8 *nonce)
{
	unsigned int i;

	memcpy(nonce, keys->iv, SIGNET_AEAD_NONCE_SIZE);
	for (i = 0; i < 8; i++)
		nonce[11 - i] ^= keys->sequence >> (8 * i);
	keys->sequence++;
}

static bool write_record(struct peer *peer, u8 type, const void *data, size_t len)
{
	u8 record[5 + 4096 + 1 + SIGNET_AEAD_TAG_SIZE] = { CONTENT_DATA, 3, 3 };
	size_t body = len + 1 + SIGNET_AEAD_TAG_SIZE;
	u8 nonce[SIGNET_AEAD_NONCE_SIZE];

	record[3] = body >> 8;
	record[4] = body;
	memcpy(record + 5, data, len);
	record[5 + len] = type;
	next_nonce(&peer->result.tx, nonce);
	return !signet_aead_seal(peer->result.cipher, peer->result.tx.key, nonce, record, 5,
				 record + 5, len + 1) &&
	       send_all(peer->fd, record, 5 + body);
}

/* The type of the next record, or -1. */
static int read_record(struct peer *peer, u8 *record, size_t *len)
{
	u8 nonce[SIGNET_AEAD_NONCE_SIZE];

	if (!receive_all(peer->fd, record, 5))
		return -1;
	*len = record[3] << 8 | record[4];
	if (record[0] != CONTENT_DATA || *len > SIGNET_TLS_CIPHERTEXT_MAX || *len < 17 ||
	    !receive_all(peer->fd, record + 5, *len))
		return -1;
	next_nonce(&peer->result.rx, nonce);
	if (signet_aead_open(peer->result.cipher, peer->result.rx.key, nonce, record, 5,
			     record + 5, *len))
		return -1;
	*len -= SIGNET_AEAD_TAG_SIZE;
	while (*len && !record[5 + *len - 1])
		--*len;
	return *len ? record[5 + --*len] : -1;
}

static bool say_goodbye(struct peer *peer)
{
	return write_record(peer, CONTENT_ALERT, "\1\0", 2);
}

static bool echo(struct peer *peer, const u8 *data, size_t len)
{
	for (size_t done = 0; done < len; done += 4096) {
		if (!write_record(peer, CONTENT_DATA, data + done,
				  len - done < 4096 ? len - done : 4096))
			return false;
	}
	return true;
}

/* An answer that is none, until nobody takes it. What the other side says is read afterwards. */
static void misbehave(struct peer *peer)
{
	u8 data[4096];

	memset(data, 'x', sizeof(data));
	while (peer->empty && write_record(peer, CONTENT_DATA, "", 0))
		peer->empty--;
	while (peer->pour && write_record(peer, CONTENT_DATA, data, sizeof(data)))
		;
}

/* Application data under the keys that were taken. True when it ended as it should. */
static bool talk(struct peer *peer)
{
	static u8 record[SIGNET_TLS_HEADER_SIZE + SIGNET_TLS_CIPHERTEXT_MAX];
	bool answered = false;
	size_t len;

	if (!peer->server && (!write_record(peer, CONTENT_DATA, peer->send, strlen(peer->send)) ||
			      !write_record(peer, CONTENT_DATA, "\n", 1)))
		return false;
	for (;;) {
		switch (read_record(peer, record, &len)) {
		case CONTENT_HANDSHAKE: /* tickets */
			break;
		case CONTENT_DATA:
			if (peer->server) {
				if (peer->empty || peer->pour)
					misbehave(peer);
				else if (!echo(peer, record + 5, len))
					return false;
				break;
			}
			printf("%.*s", (int)len, (const char *)record + 5);
			answered = memchr(record + 5, '\n', len);
			if (answered)
				return say_goodbye(peer);
			break;
		case CONTENT_ALERT:
			printf("alert %d\n", record[6]);
			return len == 2 && !record[6] && peer->server && say_goodbye(peer);
		default:
			printf("connection broken\n");
			return false;
		}
	}
}

static void open_socket(struct peer *peer, int port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port) };
	int one = 1;

	if (inet_pton(AF_INET, peer->address, &address.sin_addr) != 1)
		die("address");
	peer->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (!peer->server) {
		if (connect(peer->fd, (void *)&address, sizeof(address)))
			die("connect");
		return;
	}
	setsockopt(peer->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(peer->fd, (void *)&address, sizeof(address)) || listen(peer->fd, 1))
		die("listen");
	printf("listening\n");
	peer->fd = accept(peer->fd, NULL, NULL);
	if (peer->fd < 0)
		die("accept");
}

static int read_options(struct peer *peer, int argc, char **argv)
{
	static const struct option options[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "cert", required_argument, NULL, 'c' },
		{ "key", required_argument, NULL, 'k' },
		{ "ca", required_argument, NULL, 'a' },
		{ "trust-domain", required_argument, NULL, 't' },
		{ "cipher", required_argument, NULL, 'e' },
		{ "group", required_argument, NULL, 'g' },
		{ "shares", required_argument, NULL, 's' },
		{ "no-alpn", no_argument, NULL, 'n' },
		{ "deny", no_argument, NULL, 'd' },
		{ "send", required_argument, NULL, 'm' },
		{ "address", required_argument, NULL, 'l' },
		{ "empty", required_argument, NULL, 'y' },
		{ "pour", no_argument, NULL, 'r' },
		{},
	};
	int port = 0;
	int option;

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'p':
			port = atoi(optarg);
			break;
		case 'c':
			peer->credential.chain_count = load_certificates(
				optarg, peer->credential.chain, SIGNET_CHAIN_MAX);
			break;
		case 'k':
			load_key(peer, optarg);
			break;
		case 'a':
			load_roots(peer, optarg);
			break;
		case 't':
			peer->anchors.trust_domain = optarg;
			break;
		case 'e':
			peer->parameters.cipher_count = 1;
			peer->parameters.ciphers[0] = optarg[0] == 'c' ?
							      SIGNET_CHACHA20_POLY1305_SHA256 :
							      SIGNET_AES_128_GCM_SHA256;
			break;
		case 'g':
			peer->parameters.group_count = 1;
			peer->parameters.groups[0] =
				optarg[0] == 'p' ? SIGNET_SECP256R1 : SIGNET_X25519;
			break;
		case 's':
			peer->parameters.share_count = atoi(optarg);
			break;
		case 'n':
			peer->parameters.alpn = false;
			break;
		case 'd':
			peer->deny = true;
			break;
		case 'm':
			peer->send = optarg;
			break;
		case 'l':
			peer->address = optarg;
			break;
		case 'y':
			peer->empty = atoi(optarg);
			break;
		case 'r':
			peer->pour = true;
			break;
		default:
			exit(2);
		}
	}
	if (!port || !peer->credential.chain_count || !peer->anchors.count ||
	    !peer->anchors.trust_domain || optind + 1 != argc) {
		fprintf(stderr, "signet-peer: see the top of peer.c for the arguments\n");
		exit(2);
	}
	peer->server = !strcmp(argv[optind], "server");
	return port;
}

static void forget(struct peer *peer)
{
	size_t i;

	for (i = 0; i < peer->credential.chain_count; i++)
		OPENSSL_free((void *)peer->credential.chain[i].data);
	for (i = 0; i < peer->anchors.count; i++)
		OPENSSL_free((void *)peer->roots[i].der.data);
	signet_wipe(peer, sizeof(*peer));
}

int main(int argc, char **argv)
{
	static struct peer peer = {
		.address = "127.0.0.1",
		.send = "hello",
		.parameters = {
			.ciphers = { SIGNET_AES_128_GCM_SHA256, SIGNET_CHACHA20_POLY1305_SHA256 },
			.cipher_count = 2,
			.groups = { SIGNET_X25519, SIGNET_SECP256R1 },
			.group_count = 2,
			.share_count = 1,
			.alpn = true,
		},
	};
	int port = read_options(&peer, argc, argv);
	bool good;

	setvbuf(stdout, NULL, _IOLBF, 0);
	open_socket(&peer, port);
	good = handshake(&peer) && talk(&peer);
	close(peer.fd);
	forget(&peer);
	return !good;
}
