// SPDX-License-Identifier: GPL-2.0
/* The key schedule, record protection and Finished against the traces of RFC 8448. */
#include "core/tls/key_schedule.h"
#include "core/tls/key_share.h"
#include "rfc8448.h"
#include "test.h"

struct record {
	u8 data[2048];
	size_t len;
};

static struct record from_hex(const char *hex)
{
	struct record record;

	record.len = test_hex(hex, record.data, sizeof(record.data));
	return record;
}

static bool equals(const u8 *data, size_t len, const char *hex)
{
	struct record expected = from_hex(hex);

	return expected.len == len && !memcmp(expected.data, data, len);
}

static void transcript_hash(const struct signet_sha256 *transcript, u8 *hash)
{
	struct signet_sha256 copy = *transcript;

	signet_sha256_final(&copy, hash);
}

static void transcript_record(struct signet_sha256 *transcript, const char *hex)
{
	struct record record = from_hex(hex);

	signet_sha256_update(transcript, record.data + 5, record.len - 5);
}

static void nonce_of(const struct signet_tls_keys *keys, u8 *nonce)
{
	memcpy(nonce, keys->iv, 12);
	nonce[11] ^= keys->sequence;
}

/* Opens a record of the trace; the length of its content, which is in record->data + 5. */
static size_t open_record(struct signet_tls_keys *keys, struct record *record)
{
	u8 nonce[12];
	int err;

	nonce_of(keys, nonce);
	err = signet_aead_open(SIGNET_AES_128_GCM_SHA256, keys->key, nonce, record->data, 5,
			       record->data + 5, record->len - 5);
	keys->sequence++;
	CHECK(!err, "the trace's record opens: %d", err);
	return err ? 0 : record->len - 5 - 16 - 1;
}

static struct record seal_finished(struct signet_tls_keys *keys, const u8 *mac)
{
	struct record record = { .data = { 0x17, 3, 3, 0, 0x35, 20, 0, 0, 32 }, .len = 5 + 0x35 };
	u8 nonce[12];

	memcpy(record.data + 9, mac, 32);
	record.data[41] = 22;
	nonce_of(keys, nonce);
	signet_aead_seal(SIGNET_AES_128_GCM_SHA256, keys->key, nonce, record.data, 5,
			 record.data + 5, 37);
	return record;
}

/*
 * From both hellos in @transcript to the application's secrets, checking the server's Finished and
 * making the client's.
 */
static void play(struct signet_sha256 *transcript, struct signet_key_schedule *schedule,
		 const char *server_flight, const char *client_finished, u8 *client_application,
		 u8 *server_application)
{
	struct record flight = from_hex(server_flight);
	struct signet_tls_keys keys;
	u8 client_secret[32], server_secret[32], hash[32], mac[32];
	struct record finished;
	size_t len;

	transcript_hash(transcript, hash);
	signet_key_schedule_derive(schedule, "c hs traffic", hash, client_secret);
	signet_key_schedule_derive(schedule, "s hs traffic", hash, server_secret);

	signet_traffic_keys(server_secret, SIGNET_AES_128_GCM_SHA256, &keys);
	len = open_record(&keys, &flight);
	if (!CHECK(len > 36, "the flight holds a Finished"))
		return;
	signet_sha256_update(transcript, flight.data + 5, len - 36);
	transcript_hash(transcript, hash);
	signet_finished_mac(server_secret, hash, mac);
	CHECK(!memcmp(mac, flight.data + 5 + len - 32, 32), "the server's Finished");
	signet_sha256_update(transcript, flight.data + 5 + len - 36, 36);

	transcript_hash(transcript, hash);
	signet_finished_mac(client_secret, hash, mac);
	signet_traffic_keys(client_secret, SIGNET_AES_128_GCM_SHA256, &keys);
	finished = seal_finished(&keys, mac);
	CHECK(equals(finished.data, finished.len, client_finished),
	      "the client's Finished, byte for byte");

	signet_key_schedule_master(schedule);
	signet_key_schedule_derive(schedule, "c ap traffic", hash, client_application);
	signet_key_schedule_derive(schedule, "s ap traffic", hash, server_application);
}

/* Section 3. */
static void simple_handshake(void)
{
	struct record secret = from_hex(simple_client_private);
	struct record hello = from_hex(simple_server_hello);
	struct record record;
	struct signet_key_schedule schedule;
	struct signet_key_share share = { .group = SIGNET_X25519 };
	struct signet_sha256 transcript;
	struct signet_tls_keys keys;
	u8 shared[32], hash[32], client[32], server[32];
	size_t len;

	memcpy(share.secret, secret.data, 32);
	CHECK(!signet_key_share_agree(&share, hello.data + hello.len - 38, 32, shared), "ECDHE");
	signet_sha256_init(&transcript);
	transcript_record(&transcript, simple_client_hello);
	transcript_record(&transcript, simple_server_hello);

	signet_key_schedule_start(&schedule);
	signet_key_schedule_handshake(&schedule, shared, 32);
	CHECK(equals(schedule.secret, 32, simple_handshake_secret), "handshake secret");
	transcript_hash(&transcript, hash);
	signet_key_schedule_derive(&schedule, "c hs traffic", hash, client);
	CHECK(equals(client, 32, simple_client_handshake), "client's handshake traffic secret");
	signet_key_schedule_derive(&schedule, "s hs traffic", hash, server);
	CHECK(equals(server, 32, simple_server_handshake), "server's handshake traffic secret");
	signet_traffic_keys(server, SIGNET_AES_128_GCM_SHA256, &keys);
	CHECK(equals(keys.key, 16, simple_server_key), "server's handshake key");
	CHECK(equals(keys.iv, 12, simple_server_iv), "server's handshake IV");

	play(&transcript, &schedule, simple_server_flight, simple_client_finished, client, server);
	CHECK(equals(schedule.secret, 32, simple_master_secret), "master secret");
	CHECK(equals(client, 32, simple_client_application), "client's application secret");
	CHECK(equals(server, 32, simple_server_application), "server's application secret");

	signet_traffic_keys(server, SIGNET_AES_128_GCM_SHA256, &keys);
	record = from_hex(simple_ticket);
	len = open_record(&keys, &record);
	CHECK(len && record.data[5] == 4 && record.data[5 + len] == 22, "the server's ticket");
	signet_traffic_keys(client, SIGNET_AES_128_GCM_SHA256, &keys);
	record = from_hex(simple_client_data);
	len = open_record(&keys, &record);
	CHECK(len == 50 && record.data[5 + 49] == 49 && record.data[5 + 50] == 23,
	      "the client's data");
}

/* Section 5: the first ClientHello counts by its hash, and the group is P-256. */
static void retried_handshake(void)
{
	u8 message_hash[4 + 32] = { 254, 0, 0, 32 };
	struct record secret = from_hex(retry_client_private);
	struct record hello = from_hex(retry_server_hello);
	struct signet_key_share share = { .group = SIGNET_SECP256R1 };
	struct signet_key_schedule schedule;
	struct signet_sha256 transcript;
	u8 shared[32], client[32], server[32];

	memcpy(share.secret, secret.data, 32);
	CHECK(!signet_key_share_agree(&share, hello.data + hello.len - 6 - 65, 65, shared),
	      "ECDHE");
	signet_sha256_init(&transcript);
	transcript_record(&transcript, retry_client_hello_1);
	signet_sha256_final(&transcript, message_hash + 4);
	signet_sha256_init(&transcript);
	signet_sha256_update(&transcript, message_hash, sizeof(message_hash));
	transcript_record(&transcript, retry_request);
	transcript_record(&transcript, retry_client_hello_2);
	transcript_record(&transcript, retry_server_hello);
	signet_key_schedule_start(&schedule);
	signet_key_schedule_handshake(&schedule, shared, 32);
	play(&transcript, &schedule, retry_server_flight, retry_client_finished, client, server);
}

static void key_shares_refuse_what_is_no_point(void)
{
	struct signet_key_share share;
	u8 peer[65] = { 4, 1, 2, 3 };
	u8 shared[32];

	CHECK(signet_key_share_make(&share, 0x0018) == -EINVAL, "P-384 isn't ours");
	CHECK(!signet_key_share_make(&share, SIGNET_SECP256R1), "a P-256 share");
	CHECK(signet_key_share_agree(&share, peer, 65, shared) == -EINVAL, "not on the curve");
	CHECK(signet_key_share_agree(&share, peer, 32, shared) == -EINVAL, "too short");
	memcpy(peer, share.public, 65);
	peer[0] = 2;
	CHECK(signet_key_share_agree(&share, peer, 65, shared) == -EINVAL, "compressed");
	CHECK(!signet_key_share_make(&share, SIGNET_X25519), "an X25519 share");
	memset(peer, 0, sizeof(peer));
	CHECK(signet_key_share_agree(&share, peer, 32, shared) == -EINVAL, "low order");
}

int main(void)
{
	simple_handshake();
	retried_handshake();
	key_shares_refuse_what_is_no_point();
	return test_end("key_schedule");
}
