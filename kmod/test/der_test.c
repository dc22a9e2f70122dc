// SPDX-License-Identifier: GPL-2.0
/* One encoding for each value: everything else is refused, and leaves the input where it was. */
#include "core/x509/internal.h"
#include "test.h"

static struct signet_bytes bytes(const char *hex)
{
	static u8 buffer[256];

	return (struct signet_bytes){ buffer, test_hex(hex, buffer, sizeof(buffer)) };
}

static void elements(void)
{
	static const struct {
		const char *hex;
		bool ok;
		size_t len;
	} cases[] = {
		{ "0400", true, 0 },
		{ "0401aa", true, 1 },
		{ "0402aa", false, 0 }, /* cut off */
		{ "04", false, 0 },
		{ "", false, 0 },
		{ "0481", false, 0 },
		{ "048101aa", false, 0 }, /* long form for a short length */
		{ "04817f", false, 0 },
		{ "04820001aa", false, 0 }, /* leading zero */
		{ "0480aa0000", false, 0 }, /* indefinite */
		{ "0484000000 01aa", false, 0 },
		{ "04ff01aa", false, 0 },
		{ "1f0100", false, 0 }, /* high tag number */
		{ "0484ffffffffaa", false, 0 },
		{ "0483ffffffaa", false, 0 },
	};
	struct signet_bytes in, content;
	u8 tag;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct signet_bytes before;

		in = bytes(cases[i].hex);
		before = in;
		CHECK(signet_der_read_any(&in, &tag, &content) == cases[i].ok, "%s", cases[i].hex);
		if (cases[i].ok)
			CHECK(content.len == cases[i].len && !in.len, "%s", cases[i].hex);
		else
			CHECK(in.data == before.data && in.len == before.len, "%s moved",
			      cases[i].hex);
	}
}

static void values(void)
{
	static const struct {
		const char *hex;
		const char *value; /* NULL: refused */
	} integers[] = {
		{ "020100", "" },      { "020101", "01" },	{ "02017f", "7f" },
		{ "02020080", "80" },  { "0203010000", "010000" }, { "0200", NULL },
		{ "020180", NULL },    { "02020001", NULL },	{ "0202007f", NULL },
		{ "0203000080", NULL }, { "0202ff80", NULL },	{ "030101", NULL },
	};
	static const struct {
		const char *hex;
		int value; /* -1: refused */
	} booleans[] = {
		{ "0101ff", 1 }, { "010100", 0 }, { "010101", -1 }, { "0100", -1 }, { "0102ffff", -1 },
	}, named_bits[] = {
		{ "03020780", 1 << 0 }, { "03020204", 1 << 5 }, { "030207 80", 1 }, { "030100", 0 },
		{ "0303078080", 1 << 0 | 1 << 8 }, { "03020680", -1 }, { "03020000", -1 },
		{ "03020781", -1 }, { "03020880", -1 }, { "030101", -1 }, { "0300", -1 },
		{ "030400808080", -1 }, { "030207c0", -1 },
	};
	static const struct {
		const char *hex;
		bool ok;
	} oids[] = {
		{ "0603551d11", true }, { "0600", false }, { "06028001", false },
		{ "060255 81", false }, { "0603558001", false }, { "06035581 00", true },
	};
	u8 value[32];
	struct signet_bytes in, out;
	bool boolean = false;
	u16 bits = 0;

	for (size_t i = 0; i < ARRAY_SIZE(integers); i++) {
		bool ok;

		in = bytes(integers[i].hex);
		ok = signet_der_read_unsigned(&in, &out);
		CHECK(ok == !!integers[i].value, "integer %s", integers[i].hex);
		if (ok && integers[i].value)
			CHECK(out.len == test_hex(integers[i].value, value, sizeof(value)) &&
			      !memcmp(out.data, value, out.len), "integer %s", integers[i].hex);
	}
	for (size_t i = 0; i < ARRAY_SIZE(booleans); i++) {
		in = bytes(booleans[i].hex);
		CHECK((signet_der_read_boolean(&in, &boolean) ? boolean : -1) == booleans[i].value,
		      "boolean %s", booleans[i].hex);
	}
	for (size_t i = 0; i < ARRAY_SIZE(named_bits); i++) {
		in = bytes(named_bits[i].hex);
		CHECK((signet_der_read_named_bits(&in, &bits) ? bits : -1) == named_bits[i].value,
		      "bits %s", named_bits[i].hex);
	}
	for (size_t i = 0; i < ARRAY_SIZE(oids); i++) {
		in = bytes(oids[i].hex);
		CHECK(signet_der_read_oid(&in, &out) == oids[i].ok, "oid %s", oids[i].hex);
	}
}

static void times(void)
{
	static const struct {
		u8 tag;
		const char *text;
		s64 seconds; /* -1: refused */
	} cases[] = {
		{ 0x17, "700101000000Z", 0 },
		{ 0x17, "991231235959Z", 946684799 },
		{ 0x17, "000229000000Z", 951782400 },
		{ 0x17, "240229120000Z", 1709208000 },
		{ 0x17, "491231235959Z", 2524607999 },
		{ 0x18, "20500101000000Z", 2524608000 },
		{ 0x18, "21000301000000Z", 4107542400 },
		{ 0x18, "99991231235959Z", 253402300799 },
		{ 0x17, "230229000000Z", -1 },
		{ 0x18, "21000229000000Z", -1 },
		{ 0x17, "231301000000Z", -1 },
		{ 0x17, "230001000000Z", -1 },
		{ 0x17, "230100000000Z", -1 },
		{ 0x17, "230431000000Z", -1 },
		{ 0x17, "230101240000Z", -1 },
		{ 0x17, "230101006000Z", -1 },
		{ 0x17, "230101000060Z", -1 },
		{ 0x17, "2301010000Z", -1 },
		{ 0x17, "230101000000", -1 },
		{ 0x17, "230101000000+", -1 },
		{ 0x17, "230101000000+0000", -1 },
		{ 0x17, "2301010 0000Z", -1 },
		{ 0x18, "20490101000000Z", -1 }, /* must be UTCTime */
		{ 0x18, "20500101000000.5Z", -1 },
		{ 0x18, "2050010100Z", -1 },
		{ 0x04, "230101000000Z", -1 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		u8 der[64] = { cases[i].tag, (u8)strlen(cases[i].text) };
		struct signet_bytes in = { der, 2 + strlen(cases[i].text) };
		s64 seconds;

		memcpy(der + 2, cases[i].text, strlen(cases[i].text));
		CHECK((signet_der_read_time(&in, &seconds) ? seconds : -1) == cases[i].seconds,
		      "time %s", cases[i].text);
	}
}

static void extensions(void)
{
	static const struct {
		const char *name;
		const char *hex;
		enum signet_x509_fault fault;
	} cases[] = {
		{ "cA without pathLen", "300c0603551d1304053003 0101ff", SIGNET_X509_OK },
		{ "none", "", SIGNET_X509_MALFORMED },
		{ "cA explicitly false", "300c0603551d1304053003 010100", SIGNET_X509_MALFORMED },
		{ "cA neither true nor false", "300c0603551d13040530030101 01",
		  SIGNET_X509_MALFORMED },
		{ "pathLen without cA", "300c0603551d1304053003020100", SIGNET_X509_MALFORMED },
		{ "negative pathLen", "300f0603551d13040830060101ff0201ff", SIGNET_X509_MALFORMED },
		{ "more after basicConstraints", "300e0603551d13040730030101ff0500",
		  SIGNET_X509_MALFORMED },
		{ "critical explicitly false", "300f0603551d1301010004053003 0101ff",
		  SIGNET_X509_MALFORMED },
		{ "critical of 1", "300f0603551d1301010104053003 0101ff", SIGNET_X509_MALFORMED },
		{ "value is no OCTET STRING", "300c0603551d1303053003 0101ff",
		  SIGNET_X509_MALFORMED },
		{ "more after the value", "300e0603551d13040530030101ff0500",
		  SIGNET_X509_MALFORMED },
		{ "keyUsage without a bit", "300a0603551d0f0403 030100", SIGNET_X509_MALFORMED },
		{ "keyUsage with trailing zeros", "300b0603551d0f0404 03020080",
		  SIGNET_X509_MALFORMED },
		{ "empty EKU", "30090603551d2504023000", SIGNET_X509_MALFORMED },
		{ "empty SAN", "30090603551d1104023000", SIGNET_X509_MALFORMED },
		{ "SAN of a universal tag", "300c0603551d110405300304 0161", SIGNET_X509_MALFORMED },
		{ "empty nameConstraints", "30090603551d1e04023000", SIGNET_X509_MALFORMED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct signet_certificate cert = { .path_length = -1 };

		CHECK(signet_extensions_parse(&cert, bytes(cases[i].hex)) == cases[i].fault, "%s",
		      cases[i].name);
	}
}

static void writer(void)
{
	static const u8 payload[300];
	u8 buffer[400];
	struct signet_der_writer w;
	struct signet_bytes out, content;

	for (size_t len = 0; len <= sizeof(payload); len++) {
		size_t mark;

		signet_der_writer_init(&w, buffer, sizeof(buffer));
		mark = signet_der_mark(&w);
		signet_der_put(&w, payload, len);
		signet_der_wrap(&w, SIGNET_DER_OCTET_STRING, mark);
		CHECK(signet_der_written(&w, &out) &&
		      signet_der_read(&out, SIGNET_DER_OCTET_STRING, &content) && !out.len &&
		      content.len == len, "%zu octets", len);

		/* One byte less than it takes. */
		signet_der_writer_init(&w, buffer, len + (len < 128 ? 1 : len < 256 ? 2 : 3));
		mark = signet_der_mark(&w);
		signet_der_put(&w, payload, len);
		signet_der_wrap(&w, SIGNET_DER_OCTET_STRING, mark);
		CHECK(!signet_der_written(&w, &out), "%zu octets without room", len);
	}
}

int main(void)
{
	elements();
	values();
	times();
	extensions();
	writer();
	return test_end("der");
}
